import pytest

from hilum.errors import HilumError
from hilum.slices.csv_rows import CsvRow, read_rows


def read(tmp_path, text):
    path = tmp_path / "table.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_rows(path, {"path", "label"}, {"group"})


ROWS = [CsvRow(2, {"path": "1.png", "label": "a"}), CsvRow(3, {"path": "2.png", "label": "b"})]


@pytest.mark.parametrize(
    "text",
    [
        "path,label\n1.png,a\n2.png,b\n",
        "path;label\n1.png;a\n2.png;b\n",
        "path\tlabel\n1.png\ta\n2.png\tb\n",
        "path|label\r\n1.png|a\r\n2.png|b\r\n",
        "path,label\r1.png,a\r2.png,b\r",
        '"path";"label"\n"1.png";"a"\n"2.png";"b"',
        "\ufeffPath, LABEL\n 1.png ,a\n2.png, b \n",
        "path,label\n1.png,a,,\n2.png,b, \n",  # as spreadsheets end their rows
    ],
)
def test_separators_and_headings_that_are_plain(tmp_path, text):
    assert read(tmp_path, text) == ({"path", "label"}, ROWS)


def test_a_separator_inside_a_field_is_no_separator(tmp_path):
    _, rows = read(tmp_path, 'path;label\n"a;b.png";x,y\n')
    assert rows == [CsvRow(2, {"path": "a;b.png", "label": "x,y"})]


def test_lines_are_those_of_the_file(tmp_path):
    columns, rows = read(tmp_path, 'sep=;\n\nlabel;path;remark\na;1.png;"two\nlines"\n\n;2.png\n')
    assert columns == {"path", "label", "remark"}
    assert [row.line for row in rows] == [4, 7]
    assert rows[1].values == {"label": "", "path": "2.png"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("path,label\n1.png,a, b\n2.png,a\n3.png,a,,c\n", r"2 columns, but more fields in these lines: 2, 4\..*quotes"),
        ("path;label\n1.png;a\n2.png;a;b\n", r"lines: 3\. Put values that contain semicolons in quotes"),
        ("path,label\n\n\n1.png,a,b\n", "lines: 4"),
        ("path,label,label\n1.png,a,b\n", "names the column label twice in line 1"),
        ("path,Label, label \n1.png,a,b\n", "names the column label twice in line 1"),
        ("group,path,path,label,Group\n1,1.png,2.png,a,2\n", "names the column group and path twice"),
        ("", r"lacks the column label and path\. It is empty"),
        ("file;class\n1.png;a\n", r"lacks the column label and path\. .*'file', 'class', separated by semicolons"),
        ("path\tclass\n1.png\ta\n", r"lacks the column label\. .*'path', 'class', separated by tabs"),
        ("path label\n1.png a\n", r"names 'path label'\."),
        ("1.png,a\n2.png,b\n", "names '1.png', 'a', separated by commas"),
        ('path,label\n1.png,a\n"2.png,b\n3.png,c\n', "unexpected end of data, in the row that begins in line 3"),
        ('path,label\n"1".png,a\n', "in the row that begins in line 2; is a quote missing"),
        (b"path,label\n\xe4.png,a\n", "It should be a CSV file in UTF-8"),
    ],
)
def test_what_would_lose_a_field_is_refused(tmp_path, text, message):
    with pytest.raises(HilumError, match=message):
        read(tmp_path, text)


def test_other_columns_may_have_any_names(tmp_path):
    columns, rows = read(tmp_path, "path,label,,,x,x\n1.png,a,,,1,2\n")
    assert {"path", "label", "x"} <= columns
    assert (rows[0].values["path"], rows[0].values["label"]) == ("1.png", "a")


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(HilumError, match=r"cannot be read .*No such file"):
        read_rows(tmp_path / "none.csv", {"path"}, set())
