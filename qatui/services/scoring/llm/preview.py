"""What would be sent about one ticket, for a person to read before anything leaves the machine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qatui.config_llm import LlmSettings
from qatui.services.scoring.llm.cost import Price, Usage
from qatui.text import visible


@dataclass(frozen=True, slots=True)
class RequestPreview:
    """One request. headers: names of the further headers (values are never shown); replaced: personal values taken
    out, by kind, or None where masking is off; usage: the tokens it will take, estimated.
    """

    settings: LlmSettings
    messages: tuple[Mapping[str, str], ...]
    options: Mapping[str, Any]
    headers: tuple[str, ...]
    replaced: Mapping[str, int] | None
    usage: Usage

    @property
    def cost(self) -> float | None:
        """What it will cost, estimated, or None where no price is set."""
        price = Price.of(self.settings)
        return None if price is None else price.cost(self.usage)

    @property
    def masking(self) -> str:
        """What was taken out, in words."""
        if self.replaced is None:
            where = "the endpoint is this machine" if self.settings.local else "mask is off"
            return f"nothing is masked ({where})"
        found = ", ".join(f"{count} {kind.lower()}" for kind, count in self.replaced.items())
        return f"masked: {found}" if found else "masked: nothing personal was found"

    @property
    def body(self) -> dict[str, Any]:
        """The JSON body of the request."""
        return {"model": self.settings.model, "messages": list(self.messages), **self.options}

    def text(self) -> str:
        """The whole request as lines for a terminal; texts of the ticket are made harmless."""
        lines = [
            f"POST {self.settings.base_url.rstrip('/')}/chat/completions",
            f"model {self.settings.model} · about {self.usage.prompt:,} tokens · {self.masking}",
        ]
        if self.cost is not None:
            lines.append(f"about {self.cost:.4f} with its answer")
        if self.headers:
            lines.append(f"headers {', '.join(self.headers)} (values not shown)")
        for message in self.messages:
            lines += ["", f"── {message['role']} ──", visible(message["content"])]
        rest = {name: value for name, value in self.body.items() if name not in ("model", "messages")}
        lines += ["", "── options ──", json.dumps(rest, ensure_ascii=False)]
        return "\n".join(lines)
