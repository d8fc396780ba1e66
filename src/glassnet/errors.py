"""The errors that a user can cause: each is one clear sentence saying what is wrong, where, and what to do."""


class GlassnetError(Exception):
    """Whatever glassnet refuses; its text is one sentence fit to be shown as it is."""


class ShapeError(GlassnetError, ValueError):
    """Arrays whose shapes do not belong together."""


class SettingError(GlassnetError, ValueError):
    """A setting outside what is possible, or two settings that exclude each other."""


class DigitsError(GlassnetError, ValueError):
    """Digits that cannot be loaded: a damaged IDX file, a folder without digits, labels that do not fit."""


class ImageError(GlassnetError, ValueError):
    """An image that cannot be read, or in which no digit can be found."""


class ModelFileError(GlassnetError, ValueError):
    """A file that is not a model, or a damaged one."""


class CheckpointError(GlassnetError, ValueError):
    """A checkpoint from which a run cannot go on."""


class DivergedError(GlassnetError, ArithmeticError):
    """A network or a cost whose numbers are no longer finite."""


class KernelMissingWarning(UserWarning):
    """There is no compiled kernel in this build, so everything takes several times as long as it could."""
