"""Execute curated notebooks on a study: the same cells, the same bytes, no network in the HTML."""

from __future__ import annotations

import os
import re
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter

from svcquality.errors import InputError
from svcquality.progress import QUIET, Progress
from svcquality.storage import write_atomic

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
PARAMETERS = "parameters"
"""Tag of the cell that names the study; execution on another study puts a cell behind it."""


def execute_notebooks(
    folder: Path, study: Path, out: Path | None, progress: Progress = QUIET
) -> list[Path]:
    """Execute every notebook of ``folder`` on ``study``.

    Parameters
    ----------
    folder : Path
        Holds ``*.ipynb``; they run with it as working directory.
    study : Path
        A study directory or study.toml; what the notebooks call ``STUDY``.
    out : Path or None
        Where the executed notebooks go, as HTML. ``None`` renews the saved outputs in place
        instead (on the study that the notebooks name themselves).

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    InputError
        If there is no notebook, or a cell fails.
    """
    notebooks = sorted(folder.glob("*.ipynb"))
    if not notebooks:
        raise InputError(
            f"There are no notebooks in {folder}; name their folder with --notebooks.",
            f"{folder} 中没有笔记本；请用 --notebooks 指定目录。",
        )
    written = []
    for path in progress.each(notebooks, "notebooks"):
        notebook = nbformat.read(path, as_version=4)
        if out is not None:
            _point_at(notebook, study.resolve())
        _execute(notebook, path)
        if out is None:
            target, content = path, nbformat.writes(notebook) + "\n"
        else:
            target, content = out / f"{path.stem}.html", _html(notebook)
        write_atomic(target, content)
        written.append(target)
    return written


def _point_at(notebook: nbformat.NotebookNode, study: Path) -> None:
    for position, cell in enumerate(notebook.cells):
        if PARAMETERS in cell.metadata.get("tags", []):
            injected = nbformat.v4.new_code_cell(f"STUDY = {str(study)!r}", id="injected-study")
            notebook.cells.insert(position + 1, injected)
            return


def _execute(notebook: nbformat.NotebookNode, path: Path) -> None:
    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
    )
    try:
        # The kernel chooses its own way to show figures.
        environment = {k: v for k, v in os.environ.items() if k != "MPLBACKEND"}
        client.execute(env={**environment, "PYTHONHASHSEED": "0"})
    except CellExecutionError as error:
        last = _ANSI.sub("", str(error)).strip().splitlines()[-1]
        raise InputError(
            f"{path.name}: a cell failed: {last}", f"{path.name}：有单元格运行失败：{last}"
        ) from error
    notebook.metadata.pop("signature", None)
    notebook.metadata["kernelspec"] = {
        "display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3",
    }  # fmt: skip
    notebook.metadata["language_info"] = {"name": "python"}


def _html(notebook: nbformat.NotebookNode) -> str:
    exporter = HTMLExporter(template_name="basic", embed_images=True)
    body, _ = exporter.from_notebook_node(notebook)
    title = next((c.source.splitlines()[0].lstrip("# ") for c in notebook.cells if c.source), "")
    return _PAGE.format(title=title, body=body)


_PAGE = """<!doctype html>
<html lang="zh-Hans"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<style>
body {{ max-width: 58rem; margin: 2rem auto; padding: 0 1rem; color: #1d2733; line-height: 1.65;
  font-family: system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }}
pre, code {{ font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace;
  font-size: .88em; }}
.input_area, .jp-InputArea-editor, div.highlight {{ background: #f5f7f9; border-radius: 4px;
  padding: .1rem .8rem; overflow-x: auto; }}
.prompt, .jp-InputPrompt, .jp-OutputPrompt, .anchor-link {{ display: none; }}
table {{ border-collapse: collapse; font-size: .9em; font-variant-numeric: tabular-nums; }}
th, td {{ padding: .25rem .7rem; border-bottom: 1px solid #dfe5ea; text-align: right; }}
img {{ max-width: 100%; }}
</style></head><body>
{body}
</body></html>
"""
