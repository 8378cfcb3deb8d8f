"""Exceptions. The native module raises them; `src/errors.rs` says which."""

from __future__ import annotations


class CodcastError(Exception):
    """The data cannot answer the question, or what was given cannot be used.

    Attributes
    ----------
    code : str
        Stable name of what is wrong, for programs; ``codcast explain CODE`` says more.

    Examples
    --------
    >>> import codcast
    >>> try:
    ...     codcast.Study.demo().forecast(compute=1.0)
    ... except codcast.CodcastError as error:
    ...     print(error.code)
    small_target
    """

    code: str

    def __init__(self, message: str, code: str = "error") -> None:
        super().__init__(message)
        self.code = code

    def __reduce__(self) -> tuple[type[CodcastError], tuple[str, str]]:
        """Pickle with the code, as processes of a pool do."""
        return type(self), (str(self), self.code)


class InputError(CodcastError, ValueError):
    """A value that makes no sense: an argument, a file's content, a table's cell."""


class FileError(CodcastError, OSError):
    """A file that cannot be read or written."""


class MissingFileError(FileError, FileNotFoundError):
    """A file or folder that is not there."""
