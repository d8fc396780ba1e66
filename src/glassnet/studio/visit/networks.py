"""Networks: everything that a visitor can choose to look at, by its name."""

from dataclasses import replace

import numpy as np

from glassnet.errors import ShapeError
from glassnet.model_file import Model
from glassnet.network import Network
from glassnet.reading import Calibration, shipped_model
from glassnet.studio.runs.course import Course
from glassnet.studio.runs.health import usual_rate
from glassnet.studio.runs.schema import RunSettings
from glassnet.studio.shown.schema import Chosen
from glassnet.studio.shown.seeing import Held, changed, rows_of
from glassnet.studio.visit.schema import NetworkTold
from glassnet.studio.visit.visitors import Visitor

TITLES = {"videos": "the videos' network", "reader": "the reader"}
ABOUT = {
    "videos": "Trained as in the videos: it has never seen anything but digits.",
    "reader": "Taught on many people's digits, and on non-digits, for which all its outputs stay off.",
}


class Given:
    """The networks that every visitor can look at: those that come with glassnet, and one that may be given.

    Parameters
    ----------
    model : Model or None, default None
        Of 784 inputs and 10 outputs.
    title : str, default ""
        Its own.
    """

    def __init__(self, model: Model | None = None, title: str = "") -> None:
        if model is not None and (model.network.layer_sizes[0] != 784 or model.network.layer_sizes[-1] != 10):
            raise ShapeError("to look at digits a network needs 784 inputs and 10 outputs; this one has others.")
        models = {name: shipped_model(name) for name in TITLES} | ({} if model is None else {"file": model})
        self.held = {
            name: Held(name, m.network.astype(np.float64), Calibration.from_header(m.results), rows_of(m.network))
            for name, m in models.items()
        }
        # what is known of them; their numbers are those that are held anyway
        self.models = {name: replace(m, network=self.held[name].network) for name, m in models.items()}
        self.told = [model_told(self.held[name], m, TITLES.get(name, title)) for name, m in models.items()]

    def has(self, chosen: Chosen) -> bool:
        """Return whether a network is one of these with nothing changed in it, so that it is always the same."""
        return chosen.network in self.held and not chosen.changes


def held(chosen: Chosen, visitor: Visitor, given: Given) -> Held:
    """Return the network that is asked for, with what was changed in it; KeyError if there is none of that name."""
    if chosen.network in given.held:
        return changed(given.held[chosen.network], chosen.changes)
    if not chosen.network.startswith("run:"):
        raise KeyError(f"there is no network {chosen.network} here.")
    name, _, moment = chosen.network.removeprefix("run:").partition("@")
    course = visitor.course(name)
    with course.lock:
        network = course.history.at(int(moment)).network if moment else course.state.descent.network
        if (
            course.looked_at is None or course.looked_at[0] is not network
        ):  # a cast copies up to 16 MB, for every stroke
            course.looked_at = (network, network.astype(np.float64))
        exact = course.looked_at[1]
    return changed(Held(chosen.network, exact), chosen.changes)


def model_told(held: Held, model: Model, title: str) -> NetworkTold:
    """Return what is told of a network in a file."""
    network = model.network
    return NetworkTold(
        network=held.name,
        title=title,
        layer_sizes=list(network.layer_sizes),
        activation=network.activation,
        output_activation=network.output_activation,
        cost=network.cost,
        n_parameters=network.n_parameters,
        rejects=held.calibration is not None,
        test_accuracy=model.results.get("test_accuracy"),
        about=ABOUT.get(held.name, "The network that was given when the studio was started."),
    )


def course_told(course: Course) -> NetworkTold:
    """Return what is told of a run's network."""
    run = course.told()
    return NetworkTold(
        network=f"run:{run.id}",
        title=run.name,
        layer_sizes=[784, *run.settings.hidden, 10],
        activation=run.settings.activation,
        output_activation=run.settings.output_activation,
        cost=run.settings.cost,
        n_parameters=run.n_parameters,
        rejects=False,
        test_accuracy=run.test_accuracy,
        about=f"{f'It began as {run.settings.origin}. ' if run.settings.origin else ''}"
        f"After {run.epoch:.3g} epochs of your run.",
    )


def title_of(name: str, visitor: Visitor, given: Given) -> str:
    """Return what a network is called where one can choose it."""
    base = name.partition("@")[0]
    return next((told.title for told in all_told(visitor, given) if told.network == base), name)


def course_model(course: Course, moment: int | None) -> Model:
    """Return a run's network with what is known of it, now or as it was."""
    with course.lock:
        snapshot, settings = course.history.at(moment), course.settings
    digits = course.classroom.digits
    return Model(
        snapshot.network,
        training={**settings.model_dump(), "epochs_done": snapshot.epoch, "steps": snapshot.moment},
        data={
            "name": digits.name,
            "source": digits.source,
            "licence": digits.licence,
            "n_training": settings.n_training,
        },
        results={"test_accuracy": snapshot.test_accuracy, "train_accuracy": snapshot.train_accuracy},
    )


def all_told(visitor: Visitor, given: Given) -> list[NetworkTold]:
    """Return what is told of every network that a visitor can choose."""
    return [*given.told, *(course_told(course) for course in visitor.all_courses())]


def run_from(network: Network, name: str, origin: str, visitor: Visitor) -> Course:
    """Return a new run that begins with a network; ValidationError if it is of a kind that cannot learn here."""
    settings = RunSettings.model_validate(
        {
            "name": name,
            "origin": origin,
            "hidden": network.layer_sizes[1:-1],
            "activation": network.activation,
            "output_activation": network.output_activation,
            "cost": network.cost,
        }
    )
    settings = settings.model_copy(update={"learning_rate": usual_rate(settings)})
    return visitor.new_course(settings, Model(network))
