// Which texts of a page stand out too little from what is behind them (WCAG 1.4.3: 4.5 to 1, large ones 3 to 1).
//
// What is late, near or far off depends on the hour at which one looks. So each countdown is measured in every state
// that it can take, and each pale badge in every colour, whichever they have now.
({ presses, colours }) => {
  const HIDDEN = "svg, [disabled], [inert], .visually-hidden, .skip-link:not(:focus), option";
  const PALE = /\bbg-[a-z]+-lt\b/;
  const brush = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const told = new Set();

  const rgba = (colour) => {
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = colour;
    brush.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = brush.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], below) => [r, g, b].map((part, i) => part * a + below[i] * (1 - a));
  const behind = (one) => {
    const layers = [];
    for (let at = one; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const opacity = (one) => {
    let whole = 1;
    for (let at = one; at; at = at.parentElement) whole *= Number(getComputedStyle(at).opacity);
    return whole;
  };
  const light = (colour) => {
    const [r, g, b] = colour
      .map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (one) => {
    const back = behind(one);
    const [r, g, b, a] = rgba(getComputedStyle(one).color);
    const [more, less] = [light(over([r, g, b, a * opacity(one)], back)), light(back)].sort((x, y) => y - x);
    return (more + 0.05) / (less + 0.05);
  };
  const isLarge = (one) => {
    const { fontSize, fontWeight } = getComputedStyle(one);
    const size = parseFloat(fontSize);
    return size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700);
  };
  const ownText = (one) =>
    [...one.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data.trim()).join("");
  const isSeen = (one) =>
    one.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !one.closest(HIDDEN);

  function measure(ones, state = "") {
    for (const one of ones) {
      const text = ownText(one);
      if (!text || !isSeen(one)) continue;
      const found = ratio(one);
      if (found < (isLarge(one) ? 3 : 4.5)) {
        told.add(`${one.tagName.toLowerCase()}.${one.className}${state} "${text.slice(0, 20)}" ${found.toFixed(2)}`);
      }
    }
  }

  // no colour is on its way to another while it is measured
  const still = new CSSStyleSheet();
  still.replaceSync("*, *::before, *::after { transition: none !important; animation: none !important; }");
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, still];

  measure(document.querySelectorAll("body *"));
  for (const time of document.querySelectorAll("time[data-due]")) {
    const row = time.closest("[data-press]");
    const [own, rows] = [time.dataset.state, row?.dataset.press];
    for (const press of presses) {
      time.dataset.state = press;
      if (row) row.dataset.press = press;
      measure(row ? row.querySelectorAll("*") : [time], `[${press}]`);
    }
    time.dataset.state = own;
    if (row) row.dataset.press = rows;
  }
  for (const badge of document.querySelectorAll(".badge")) {
    const own = badge.className;
    if (!PALE.test(own)) continue;
    for (const colour of colours) {
      badge.className = own.replace(PALE, `bg-${colour}-lt`);
      measure([badge]);
    }
    badge.className = own;
  }

  document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== still);
  return [...told];
};
