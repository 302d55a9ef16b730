"""What can go wrong with an expression: it cannot be read, or it asks for too much."""


class FeelError(Exception):
    """An expression that cannot be read, with the place and what was expected there, in plain Chinese."""

    def __init__(self, message: str, *, line: int = 1, column: int = 1, text: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.text = text

    def __str__(self) -> str:
        return f"第 {self.line} 行第 {self.column} 列：{self.message}"


class FeelLimit(FeelError):
    """An evaluation that passed its budget of steps, of depth or of size. Never an answer of null."""


class TableError(FeelError):
    """A decision table that contradicts itself: a cell that cannot be read, or rules that clash."""

    def __init__(self, message: str, *, table: str, rules: tuple[str, ...] = (), text: str = "") -> None:
        super().__init__(message, text=text)
        self.table = table
        self.rules = rules

    def __str__(self) -> str:
        return f"决策表“{self.table}”：{self.message}"
