from hilum.slices.source import Source


def test_a_file_is_opened_once_by_each_kind_of_reader():
    opened = []

    def reader(content):
        opened.append(content)
        return [content]

    source = Source(b"data")
    assert source.opened(reader) is source.opened(reader)
    assert source.opened(bytes) == b"data"
    assert opened == [b"data"]
