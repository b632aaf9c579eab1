"""All connectors: the command, its documentation and its tests are made from this list."""

from leadtime.update.configs import Configs
from leadtime.update.connector import Connector
from leadtime.update.epoch import Epoch
from leadtime.update.filings import Filings
from leadtime.update.lists import Lists
from leadtime.update.livebench import LiveBench
from leadtime.update.metr import Metr
from leadtime.update.register import Register
from leadtime.update.tables import Tables

#: In the order in which a file is offered to them: the first that recognizes it reads it.
CONNECTORS: tuple[Connector, ...] = (Tables(), Lists(), LiveBench(), Metr(), Register(), Filings(), Configs(), Epoch())
