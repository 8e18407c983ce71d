"""Training: from encoder to reader, on a CPU or a GPU, going on after a kill at any moment."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from corpus.errors import ModelError
from qa.reader import weights
from qa.reader.train.batches import Batch

CHECKPOINT = "checkpoint.pt"
EXPORT = "reader.safetensors"


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast. The rate rises over ``warmup`` and falls to 0 at the end.

    The end is after ``steps`` batches or ``minutes`` of training, whichever comes first; with
    minutes the rate follows the clock, so two runs are not the same to the bit.
    ``average`` is the decay of the running average of the weights, which is what is exported.
    """

    steps: int | None
    minutes: float | None
    rate: float = 1.5e-4
    head_rate: float = 1e-3
    warmup: float = 0.04
    weight_decay: float = 0.01
    clip: float = 1.0
    average: float = 0.99
    save_seconds: float = 180.0
    report_steps: int = 20

    def progress(self, step: int, seconds: float) -> float:
        """How much of the plan is done, 0 to 1."""
        by_steps = step / self.steps if self.steps else 0.0
        by_clock = seconds / (60 * self.minutes) if self.minutes else 0.0
        return min(1.0, max(by_steps, by_clock))

    def factor(self, progress: float) -> float:
        """The share of the full rate at this progress."""
        return min(progress / self.warmup, 1.0, (1 - progress) / (1 - self.warmup))


def freeze(model: nn.Module, lowest: int) -> None:
    """Hold the embeddings and the ``lowest`` layers of a BERT-shaped reader as they are."""
    held = ("bert.embeddings.", *(f"bert.encoder.layer.{n}." for n in range(lowest)))
    for name, parameter in model.named_parameters():
        parameter.requires_grad = not name.startswith(held)


def go_on_from(model: nn.Module, start: Path, encoder: Path, lowest: int) -> None:
    """Begin with the published weights in ``start`` instead of the bare encoder's.

    Layers that were held there and are not now begin as the encoder's.

    Raises:
        ModelError: they are missing or damaged, or complete another encoder or fewer layers.
    """
    card, tensors = weights.read(start)
    if card.frozen_layers < lowest:
        raise ModelError(
            f"The reader in {start} was trained with {card.frozen_layers} frozen layers: "
            f"give --frozen-layers {card.frozen_layers} or fewer."
        )
    if weights.digest(model.state_dict(), card.frozen_layers) != card.encoder:
        raise ModelError(weights.another_encoder(start, encoder))
    model.load_state_dict(tensors, strict=False)


def span_loss(starts: Tensor, ends: Tensor, batch: Batch) -> Tensor:
    """Mean cross-entropy of the two marks, over the tokens that may be marked."""
    outside = ~batch.allowed
    start_loss = cross_entropy(starts.float().masked_fill(outside, -1e4), batch.starts)
    end_loss = cross_entropy(ends.float().masked_fill(outside, -1e4), batch.ends)
    return (start_loss + end_loss) / 2


def _to(batch: Batch, device: torch.device) -> Batch:
    return Batch(*(getattr(batch, field).to(device) for field in Batch.__slots__))


class Trainer:
    """A model being trained: its optimiser, its averaged weights and its place in the data.

    ``beside`` gives a loss that is added at each step, where there is one.
    """

    def __init__(self, model: nn.Module, plan: Plan, out: Path, device: torch.device) -> None:
        self.model = model.to(device).train()
        self.beside: Callable[[int], Tensor] | None = None
        self.plan = plan
        self.out = out
        self.device = device
        self.trained = {n: p for n, p in model.named_parameters() if p.requires_grad}
        head = [p for n, p in self.trained.items() if n.startswith("qa_outputs")]
        matrices = [p for n, p in self.trained.items() if p.dim() > 1 and "qa_outputs" not in n]
        vectors = [p for n, p in self.trained.items() if p.dim() == 1 and "qa_outputs" not in n]
        groups: list[dict[str, Any]] = [
            {"params": matrices, "lr": plan.rate, "weight_decay": plan.weight_decay},
            {"params": vectors, "lr": plan.rate, "weight_decay": 0.0},
            {"params": head, "lr": plan.head_rate, "weight_decay": 0.0},
        ]
        for group in groups:
            group["full_rate"] = group["lr"]
        self.optimiser = torch.optim.AdamW(groups, fused=True)
        self.average = {n: p.detach().clone() for n, p in self.trained.items()}
        self.step = 0
        self.seconds = 0.0

    def resume(self) -> bool:
        """Go on from the checkpoint in the output folder, if there is one."""
        path = self.out / CHECKPOINT
        if not path.exists():
            return False
        try:
            state = torch.load(path, map_location=self.device, weights_only=True)
        except Exception as error:
            raise ModelError(f"{path} is damaged: remove it to train from the start.") from error
        with torch.no_grad():
            for name, parameter in self.trained.items():
                parameter.copy_(state["weights"][name])
        self.average = state["average"]
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.seconds = state["step"], state["seconds"]
        torch.set_rng_state(state["random"].cpu())
        return True

    def save(self) -> None:
        """Write checkpoint and export, each whole or not at all."""
        state = {
            "weights": {n: p.detach() for n, p in self.trained.items()},
            "average": self.average,
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
            "random": torch.get_rng_state(),
        }
        partial = self.out / (CHECKPOINT + ".partial")
        torch.save(state, partial)
        os.replace(partial, self.out / CHECKPOINT)
        facts = {"format": "1", "steps": str(self.step), "seconds": f"{self.seconds:.0f}"}
        weights.write(self.out / EXPORT, self.average, facts)

    def train_step(self, batch: Batch, progress: float) -> float:
        """One batch forward and back; returns its loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = group["full_rate"] * self.plan.factor(progress)
        batch = _to(batch, self.device)
        with torch.autocast(self.device.type, torch.bfloat16):
            marks = self.model(input_ids=batch.input_ids, attention_mask=batch.attention_mask)
        loss = span_loss(marks.start_logits, marks.end_logits, batch)
        if self.beside is not None:
            loss = loss + self.beside(self.step)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self.trained.values(), self.plan.clip)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.step += 1
        decay = min(self.plan.average, self.step / (self.step + 10))
        current = [p.detach() for p in self.trained.values()]
        torch._foreach_lerp_(list(self.average.values()), current, 1 - decay)
        return float(loss.detach())

    def run(
        self,
        batches: Callable[[int], Iterable[Batch]],
        report: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Train to the end of the plan, saving as it goes; ``batches(step)`` goes on from there."""
        stream: Iterator[Batch] = iter(batches(self.step))
        losses: list[float] = []
        begun, before = clock(), self.seconds
        saved = begun
        first_step = self.step
        while (progress := self.plan.progress(self.step, self.seconds)) < 1:
            losses.append(self.train_step(next(stream), progress))
            now = clock()
            self.seconds = before + now - begun
            if len(losses) == self.plan.report_steps:
                done = self.plan.progress(self.step, self.seconds)
                left = self.seconds * (1 - done) / done / 60 if done else 0.0
                pace = (now - begun) / (self.step - first_step)
                mean = sum(losses) / len(losses)
                report(
                    f"step {self.step}  loss {mean:.3f}  {pace:.2f} s/step  "
                    f"{done:.0%} done, about {left:.0f} min left"
                )
                losses.clear()
            if now - saved > self.plan.save_seconds:
                self.save()
                saved = clock()
        self.save()
