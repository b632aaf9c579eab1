"""How the documentation is built: `make docs`. It needs no network, and neither do its pages."""

import sys
from pathlib import Path

import leadtime

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

project = "leadtime"
author = "The leadtime contributors"
copyright = f"2026, {author}"
version = release = leadtime.__version__

extensions = ["executed", "generated", "mathml", "pictured", "myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "extensions"]

default_role = "code"

html_theme = "furo"
html_static_path = ["static"]
html_title = f"leadtime {version}"
html_math_renderer = "mathml"
html_copy_source = False

myst_enable_extensions = ["amsmath", "deflist", "dollarmath", "smartquotes"]
myst_heading_anchors = 4

# The notebook is run when the documentation is built; a cell that fails stops the build.
nb_execution_mode = "force"
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_merge_streams = True

autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_member_order = "bysource"
autoclass_content = "class"
