"""Make a paper of a case, and the package of a report: two papers, the evidence, and a manifest of all of it."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from service.content.papers import Package, Paper
from service.domain.downloads import Download
from service.domain.errors import Missing, Refused
from service.domain.people import Person
from service.usecases.access import note_look
from service.usecases.attach_file import shown_name
from service.usecases.authorize import require_sight
from service.usecases.case_work import CaseWork
from service.usecases.downloads import DownloadDesk, Made, Move, ask_download, unmoved
from service.usecases.house import House
from service.usecases.kept_apart import kept_apart
from service.usecases.papers.complete import has_papers, lacking
from service.usecases.papers.gather import Reader, in_beijing, rows_of
from service.usecases.papers.typeset import typeset

IN_MEMORY_BYTES = 8 * 1024 * 1024
# Zip files know no zone; one fixed time makes equal content equal bytes.
FIXED_TIME = datetime(1980, 1, 1, tzinfo=UTC).timetuple()[:6]
EVIDENCE = "支撑材料"
PACKAGE = "package"  # the kind of its downloads


@dataclass(frozen=True, slots=True)
class Asked:
    """A case and who asks for papers of it."""

    house: House
    work: CaseWork
    reader: Reader
    person: Person


def make_paper(house: House, case_id: str, key: str, person: Person) -> bytes:
    """One paper of a case as a PDF, as far as this person may see the case; that it was made is recorded.

    Article: A11-1, A11-2, A15-6. Raises: Missing where the case or the paper is not theirs or not there.
    """
    asked = ask(house, case_id, person)
    paper = asked.work.release.content.papers.papers.get(key)
    if paper is None:
        raise Missing("没有这种单据。", code="paper.missing")
    made = printed(asked, paper)
    note_look(house, case_id, person, "exported", {"what": key, "sha256": sha256(made)})
    return made


def make_package(house: House, case_id: str, person: Person, move: Move = unmoved) -> Made:
    """The package of a report; refused while something of it is missing. That it was made is recorded.

    Article: A11-1, A11-2, A11-3, A15-6.
    Raises: Missing; Refused E_NOT_AUTHORIZED (contacts masked for this person), E_PACKAGE_INCOMPLETE.
    """
    asked, package = package_for(house, case_id, person)
    require_complete(asked.work, package)
    content: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115  handed on open
    try:
        digest = write_package(asked, package, content, move)
        note_look(house, case_id, person, "exported", {"what": "package", "sha256": digest})
    except BaseException:
        content.close()
        raise
    content.seek(0)
    return Made(f"{asked.work.case.case_no}-{package.title}.zip", content)


def ask_package(desk: DownloadDesk, case_id: str, person: Person) -> str:
    """Have the package of a case made, for this person to fetch; returns the id of the download.

    Raises: as `make_package`; TooManyDownloads.
    """
    asked, package = package_for(desk.house, case_id, person)
    require_complete(asked.work, package)
    title = f"{asked.work.case.case_no} 整套{package.title}"
    return ask_download(desk, person, PACKAGE, title, {"case_id": case_id})


class PackageDownload:
    """Implements `service.usecases.downloads.Kind`: the package of a case."""

    def require(self, house: House, person: Person, one: Download) -> None:
        """Whether they may have it. Raises: Missing; Refused E_NOT_AUTHORIZED."""
        package_for(house, one.wanted["case_id"], person)

    def ask_anew(self, desk: DownloadDesk, person: Person, wanted: Mapping[str, Any]) -> str:
        """As the case stands now. Raises: as `make_package`; TooManyDownloads."""
        return ask_package(desk, wanted["case_id"], person)

    def make(self, house: House, person: Person, wanted: Mapping[str, Any], move: Move) -> Made:
        """Make it. Raises: as `make_package`."""
        return make_package(house, wanted["case_id"], person, move)


def package_for(house: House, case_id: str, person: Person) -> tuple[Asked, Package]:
    """A case for whom may have the package of it. Raises: Missing; Refused E_NOT_AUTHORIZED."""
    asked = ask(house, case_id, person)
    package = asked.work.release.content.papers.package
    if package is None:
        raise Missing("这一版内容没有规定报送件。", code="paper.missing")
    if not asked.reader.sight.contact:
        raise Refused("E_NOT_AUTHORIZED", "报送件含诉求人的联系方式，只有党政办公室和承办部门可以下载。")
    return asked, package


def ask(house: House, case_id: str, person: Person) -> Asked:
    """The case with this person's eyes. Raises: Missing where they do not see its content."""
    with house.store.begin(reading=True) as uow:
        loaded, now = uow.load(case_id), house.clock.now()
        work = CaseWork.of(house, uow, loaded, now, "")
        seen = require_sight(work, person)
        # what the discipline office does stands on no paper but its own
        work = CaseWork.of(house, uow, kept_apart(work.release, loaded, person).without(loaded), now, "")
        directory = uow.directory(now)
    if not seen.content:
        raise Missing("没有找到这个诉求件，或者您无权查看。", code="case.missing")
    if not has_papers(work.release, work.case):
        raise Missing("这类件没有单据：一单、一文、一支撑是诉求件的。", code="paper.missing")
    return Asked(house, work, Reader(seen, directory), person)


def require_complete(work: CaseWork, package: Package) -> None:
    """Refuses with everything that is missing. Raises: Refused E_PACKAGE_INCOMPLETE."""
    missing = lacking(work, package)
    if missing:
        raise Refused(
            "E_PACKAGE_INCOMPLETE", "".join(missing), article=package.article, missing=list(missing)
        )


def printed(asked: Asked, paper: Paper) -> bytes:
    """A paper as a PDF, with who had it made and when at its foot."""
    case, release = asked.work.case, asked.work.release
    return typeset(
        paper.title,
        rows_of(paper, asked.work, asked.reader),
        case_no=case.case_no,
        subtitle=f"{case.case_no}　内容第 {release.row.no} 版",
        footer=f"{asked.person.name} 于 {in_beijing(asked.work.now)} 生成，仅供办理本件使用",
        fonts=asked.house.fonts,
    )


def write_package(asked: Asked, package: Package, into: IO[bytes], move: Move) -> str:
    """Write the package as a zip file; returns the SHA-256 of its manifest."""
    papers = asked.work.release.content.papers.papers
    files = list(files_of(asked.work, package))
    total = len(package.papers) + len(files)
    entries: list[dict[str, Any]] = []
    with zipfile.ZipFile(into, "w", zipfile.ZIP_STORED) as packed:
        for number, key in enumerate(package.papers, start=1):
            made = printed(asked, papers[key])
            name = f"{number:02d}-{papers[key].title}.pdf"
            packed.writestr(entry(name), made)
            entries.append({"name": name, "sha256": sha256(made), "size_bytes": len(made), "paper": key})
            move(len(entries), total)
        for number, (form, file) in enumerate(files, start=1):
            name = f"{len(package.papers) + 1:02d}-{EVIDENCE}/{number:03d}-{shown_name(file['name'])}"
            with asked.house.files.open(file["sha256"]) as source, packed.open(entry(name), "w") as target:
                shutil.copyfileobj(source, target)
            entries.append(
                {"name": name, "sha256": file["sha256"], "size_bytes": file["size"], "submitted_with": form}
            )
            move(len(entries), total)
        manifest = json.dumps(head_of(asked, package) | {"files": entries}, ensure_ascii=False, indent=2)
        packed.writestr(entry("manifest.json"), manifest.encode())
    return sha256(manifest.encode())


def head_of(asked: Asked, package: Package) -> dict[str, Any]:
    """What the manifest says of the whole."""
    case = asked.work.case
    return {
        "title": package.title,
        "case_no": case.case_no,
        "order_no": case.columns.get("order_no"),
        "release_no": case.release_no,
        "audit_seq": case.audit_seq,
        "audit_head": case.audit_head,
        "made_at": asked.work.now.astimezone(UTC).isoformat(),
        "made_by": asked.person.name,
    }


def files_of(work: CaseWork, package: Package) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The files of the present attempt, in the order of the package's fields and of their submission, each once."""
    seen: set[str] = set()
    for place in package.files:
        form, _, path = place.partition(".")
        field = work.release.content.forms[form].by_name[path]
        for submission in work.submissions:
            if submission.form != form or submission.dispatch_no != work.case.dispatch_no:
                continue
            value: Any = submission.values
            for key in field.path:
                value = value.get(key) if isinstance(value, Mapping) else None
            for file in value or ():
                if file["sha256"] not in seen:
                    seen.add(file["sha256"])
                    yield form, file


def entry(name: str) -> zipfile.ZipInfo:
    """An entry of the package that holds no time and nothing of this machine."""
    info = zipfile.ZipInfo(name, FIXED_TIME)
    info.external_attr = 0o644 << 16
    return info


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
