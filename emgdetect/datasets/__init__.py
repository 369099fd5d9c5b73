"""Open reference recordings: what there is, and how to get it.

Data of other people are never part of the package; `data/registry.toml` says where they live, and
`get` fetches them once, checks them and keeps them in a cache, or finds them in a local mirror.
"""

from emgdetect.datasets.download import DownloadError, cache_folder, fetch, get
from emgdetect.datasets.registry import DataFile, Dataset, list_datasets

__all__ = [
    "DataFile",
    "Dataset",
    "DownloadError",
    "cache_folder",
    "fetch",
    "get",
    "list_datasets",
]
