"""Bars of one melody as a column: a note that begins, a hold or a rest in each sixteenth."""

import re
from dataclasses import dataclass
from typing import ClassVar

from ganzoo.base import extras
from ganzoo.base.errors import DataError, UsageError
from ganzoo.base.lazy import tf
from ganzoo.kinds.kind import Kind

NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
NOTE = re.compile(r"([A-G]#?)(-?\d)")
TICKS = 120  # of a MIDI file, in a sixteenth
HELD, REST = "_", "."


@dataclass(frozen=True)
class Bar(Kind):
    """A bar of melody, `(steps, num_pitches + 2)`: of each step, which note begins, or a hold, or a rest.

    A long note and a repeated one differ, which a plain piano roll of 0 and 1 cannot say (Yang et al.
    2017, "MidiNet", section 3.1, has such rolls).

    Attributes:
        steps: sixteenths in a bar.
        lowest: MIDI number of the lowest pitch; 60 is middle C.
        num_pitches: semitones from there on.
    """

    word: ClassVar[str] = "bar of music"
    stored: ClassVar[str] = "uint8"
    ending: ClassVar[str] = ".mid"

    steps: int = 16
    lowest: int = 60
    num_pitches: int = 24

    @property
    def shape(self):
        return (self.steps, self.num_pitches + 2)

    @property
    def stored_shape(self):
        return (self.steps,)

    @property
    def hold(self) -> int:
        """The token of a note that goes on; pitches have the tokens before it."""
        return self.num_pitches

    @property
    def rest(self) -> int:
        """The token of silence."""
        return self.num_pitches + 1

    def describe(self):
        top = self.lowest + self.num_pitches - 1
        return (
            f'a bar: a MIDI file, or {self.steps} steps such as "C4 _ _ . E4 ..." from {_name(self.lowest)} '
            f"to {_name(top)}, _ to hold and . to rest"
        )

    def check_batch(self, name, values):
        """Tokens `(batch, steps)` as they are stored become one-hot; what is one-hot stays."""
        if not values.dtype.is_integer:
            return tf.cast(values, tf.float32)
        known = tf.reduce_all(values <= tf.cast(self.rest, values.dtype))
        check = tf.debugging.Assert(known, [f"{name} holds a token above {self.rest}"])
        with tf.control_dependencies([check] if check is not None else []):
            return tf.one_hot(tf.cast(values, tf.int32), self.num_pitches + 2)

    def tokens(self, value) -> list[int]:
        """The likeliest token of each step, of values `(steps, num_pitches + 2)`."""
        return [int(step.argmax()) for step in value]

    def encode(self, words: str) -> list[int]:
        """The tokens of a bar in words, "C4 _ . E4": one for each step, rests to the end.

        Raises UsageError for a word that is no note, or one out of reach.
        """
        found = [self._token(word) for word in words.split()]
        if len(found) > self.steps:
            raise UsageError(f"{len(found)} steps are given, but a bar has {self.steps}")
        return found + [self.rest] * (self.steps - len(found))

    def _token(self, word: str) -> int:
        if word in (HELD, REST):
            return self.hold if word == HELD else self.rest
        match = NOTE.fullmatch(word)
        pitch = NAMES.index(match[1]) + 12 * (int(match[2]) + 1) - self.lowest if match else -1
        if not 0 <= pitch < self.num_pitches:
            raise UsageError(f"{word!r} is no step of {self.describe()}")
        return pitch

    def as_values(self, name, asked):
        import numpy as np

        if isinstance(asked, str):
            in_file = asked.lower().endswith((".mid", ".midi"))
            asked = self.decode(asked) if in_file else self.encode(asked)
        try:
            values = np.asarray(asked)
        except ValueError:  # of lists of different lengths
            raise UsageError(f"{name} is {asked!r}, but this model takes {self.describe()}") from None
        if not values.size:
            raise UsageError(f"{name} is empty, but this model takes {self.describe()}")
        if values.dtype.kind in "ui" and values.ndim in (1, 2) and values.shape[-1] == self.steps:
            if values.min() < 0 or values.max() > self.rest:
                raise UsageError(f"{name} holds a token that is none; this model takes {self.describe()}")
            return np.eye(self.num_pitches + 2, dtype=np.float32)[values]
        return super().as_values(name, asked)

    # ---- for people ---------------------------------------------------------------------------

    @property
    def shown_shape(self):
        return (self.num_pitches, self.steps, 1)

    def as_pictures(self, values):
        """Piano rolls, black on white, high notes above; each note's beginning darker than what is held."""
        import numpy as np

        rolls = np.ones((len(values), self.num_pitches, self.steps, 1), np.float32)
        for roll, value in zip(rolls, np.asarray(values), strict=True):
            sounding = None
            for step, token in enumerate(self.tokens(value)):
                begins = token < self.num_pitches
                sounding = token if begins else sounding if token == self.hold else None
                if sounding is not None:
                    roll[self.num_pitches - 1 - sounding, step] = -1.0 if begins else -0.4
        return rolls

    def plain(self, value):
        spoken = {self.hold: HELD, self.rest: REST}
        return " ".join(spoken.get(t) or _name(self.lowest + t) for t in self.tokens(value))

    def write(self, value, path):
        """A MIDI file of one track; needs mido (the extra `music`)."""
        from ganzoo.disk.files import write_atomically

        mido = _mido()
        track, since, sounding = mido.MidiTrack(), 0, None
        for token in (*self.tokens(value), self.rest):
            if token != self.hold and sounding is not None:
                track.append(mido.Message("note_off", note=sounding, time=since))
                since, sounding = 0, None
            if token < self.num_pitches:
                sounding = self.lowest + token
                track.append(mido.Message("note_on", note=sounding, velocity=80, time=since))
                since = 0
            since += TICKS
        midi = mido.MidiFile(ticks_per_beat=4 * TICKS)
        midi.tracks.append(track)
        write_atomically(path, lambda file: midi.save(file=file))

    def decode(self, path) -> list[int]:
        """The tokens of the first bar of a MIDI file's melody, its highest notes.

        Raises DataError for a file that is none, or has no note in reach.
        """
        mido = _mido()
        try:
            midi = mido.MidiFile(path)
        except (OSError, EOFError, ValueError, IndexError, KeyError) as error:
            raise DataError(f"{path} is no MIDI file that can be read ({error})") from None
        step, now, found, ends = midi.ticks_per_beat / 4, 0.0, {}, {}
        for message in mido.merge_tracks(midi.tracks):
            now += message.time
            place = round(now / step)
            if message.type == "note_on" and message.velocity and place < self.steps:
                found[place] = max(message.note, found.get(place, 0))
            elif message.type in ("note_on", "note_off"):
                ends[message.note] = [*ends.get(message.note, []), place]
        tokens, sounding = [], None
        for place in range(self.steps):
            if sounding is not None and place in ends.get(sounding, []):
                sounding = None
            if place in found:
                sounding = found[place]
                tokens.append(sounding - self.lowest)
            else:
                tokens.append(self.rest if sounding is None else self.hold)
        if not found or not all(0 <= note - self.lowest < self.num_pitches for note in found.values()):
            raise DataError(f"{path} has no melody in its first bar from {_name(self.lowest)} on")
        return tokens


def _name(pitch: int) -> str:
    return f"{NAMES[pitch % 12]}{pitch // 12 - 1}"


def _mido():
    try:
        import mido
    except ImportError:
        raise UsageError(f"MIDI files need mido: {extras.install('music')}") from None
    return mido
