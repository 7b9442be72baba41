"""Boosted trees, walked for several tickets at once."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from qatui.services.scoring.offline.terms import Floats, Ints


@dataclass(frozen=True, slots=True)
class Forest:
    """Regression trees of all outputs side by side, walked level by level.

    feature, threshold, left, right, value: one entry per node; a leaf points to itself on both sides.
    roots: first node of each tree; owner (trees): which output a tree adds to; depth: levels to walk.
    """

    feature: Ints
    threshold: Floats
    left: Ints
    right: Ints
    value: Floats
    roots: Ints
    owner: Ints
    depth: int
    base: Floats

    def path(self, rows: Floats) -> list[Ints]:
        """The nodes that tickets pass from root to leaf (levels + 1 times tickets × trees)."""
        ticket = np.arange(len(rows))[:, None]
        nodes = [np.tile(self.roots, (len(rows), 1))]
        for _ in range(self.depth):
            node = nodes[-1]
            down = rows[ticket, self.feature[node]] <= self.threshold[node]
            nodes.append(np.where(down, self.left[node], self.right[node]))
        return nodes

    def score(self, path: list[Ints]) -> Floats:
        """The sum of the trees of each output (tickets × outputs)."""
        leaves = path[-1]
        tickets, outputs = len(leaves), len(self.base)
        cells = np.arange(tickets)[:, None] * outputs + self.owner
        total = np.bincount(cells.ravel(), weights=self.value[leaves].ravel(), minlength=tickets * outputs)
        return np.asarray(self.base + total.reshape(tickets, outputs))

    def shares(self, path: list[Ints], outputs: int, group: Ints, groups: int) -> Floats:
        """What each group of features added on the way from root to leaf, after Saabas (2014).

        Of the first outputs (tickets × outputs × groups); group: which one each feature belongs to.
        """
        tickets = len(path[0])
        wanted = self.owner < outputs
        cells = (np.arange(tickets)[:, None] * outputs + self.owner[wanted]) * groups
        total = np.zeros(tickets * outputs * groups)
        for before, after in pairwise(nodes[:, wanted] for nodes in path):
            moved = self.value[after] - self.value[before]
            total += np.bincount((cells + group[self.feature[before]]).ravel(), moved.ravel(), len(total))
        return total.reshape(tickets, outputs, groups)
