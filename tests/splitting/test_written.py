"""The table of a new split as CSV."""

from dataclasses import replace

import hilum
from hilum.outputs import OutputFile
from hilum.splitting.files import SplitFile
from hilum.splitting.written import columns, write_table


def test_a_row_is_written_for_each_file(table, tmp_path):
    files = (
        SplitFile("a,b/1.png", "a,b", "2", 0, 1),
        SplitFile("=x/2.png", "x", "0", 1, 3, "p,1", "label conflict"),
    )
    new = replace(hilum.split(table), files=files, folds=True, marked=True)
    with OutputFile(tmp_path / "new.csv") as output:
        write_table(new, output)
    assert (tmp_path / "new.csv").read_text() == (
        'path,label,fold,together,group,mark\n"a,b/1.png","a,b",2,0,,\n./=x/2.png,x,0,1,"p,1",label conflict\n'
    )
    bare = replace(new, files=files[:1], folds=False, marked=False)
    assert [*columns(bare)] == ["path", "label", "split", "together"]
