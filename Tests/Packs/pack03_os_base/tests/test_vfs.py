from core.vfs import VirtualFS


def test_write_read_remove():
    files = VirtualFS("testpack")
    files.write_text("foo/bar.txt", "hello world")
    assert "bar.txt" in files.listdir("foo")
    assert files.read_text("foo/bar.txt") == "hello world"
    files.remove("foo/bar.txt")
    assert "bar.txt" not in files.listdir("foo")
