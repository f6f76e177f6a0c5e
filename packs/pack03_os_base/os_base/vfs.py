"""A pack's own files: nothing outside the root can be named, whatever a path or a link says.

Paths are walked one name at a time from the open root, and no link is followed, so there is no moment at which a name is
checked and another one opened.
"""
import errno
import os
import secrets


class PathRefused(ValueError):
    """The path cannot name a file below the root."""


class VirtualFS:
    """The files below `root`, a folder that exists."""

    def __init__(self, root):
        self.root = os.fspath(root)

    def write_text(self, path, text, overwrite=True):
        """Writes a whole file in one durable step, and makes the folders above it."""
        folder, name = self._open_parent(path, make=True)
        try:
            scratch = f".{secrets.token_hex(8)}.new"
            file = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644, dir_fd=folder)
            try:
                with os.fdopen(file, "w") as stream:
                    stream.write(text)
                    stream.flush()
                    os.fsync(stream.fileno())
                if overwrite:
                    os.replace(scratch, name, src_dir_fd=folder, dst_dir_fd=folder)
                else:
                    os.link(scratch, name, src_dir_fd=folder, dst_dir_fd=folder)
                    os.unlink(scratch, dir_fd=folder)
            except BaseException:
                try:
                    os.unlink(scratch, dir_fd=folder)
                except FileNotFoundError:
                    pass
                raise
            os.fsync(folder)
        finally:
            os.close(folder)

    def read_text(self, path):
        folder, name = self._open_parent(path)
        try:
            with os.fdopen(os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder)) as stream:
                return stream.read()
        finally:
            os.close(folder)

    def listdir(self, path="."):
        """The names in a folder, sorted."""
        folder = self._walk(self._parts(path))
        try:
            return sorted(os.listdir(folder))
        finally:
            os.close(folder)

    def remove(self, path):
        """Removes a file, a link (never what it names) or an empty folder; whether there was one."""
        folder, name = self._open_parent(path)
        try:
            try:
                os.unlink(name, dir_fd=folder)
            except IsADirectoryError:
                os.rmdir(name, dir_fd=folder)
            except FileNotFoundError:
                return False
            return True
        finally:
            os.close(folder)

    @staticmethod
    def _parts(path):
        if "\0" in path or path.startswith("/"):
            raise PathRefused(f"{path!r} is no path below the root")
        parts = [part for part in path.split("/") if part not in ("", ".")]
        if ".." in parts:
            raise PathRefused(f"{path!r} climbs")
        return parts

    def _open_parent(self, path, make=False):
        parts = self._parts(path)
        if not parts:
            raise PathRefused("the root itself is no file")
        return self._walk(parts[:-1], make), parts[-1]

    def _walk(self, parts, make=False):
        folder = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        for part in parts:
            try:
                if make:
                    try:
                        os.mkdir(part, 0o755, dir_fd=folder)
                    except FileExistsError:
                        pass
                following = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            except OSError as error:
                if error.errno in (errno.ELOOP, errno.ENOTDIR) and os.path.islink(f"/proc/self/fd/{folder}/{part}"):
                    raise PathRefused(f"{part!r} is a link; links are not followed") from error
                raise
            finally:
                os.close(folder)
            folder = following
        return folder
