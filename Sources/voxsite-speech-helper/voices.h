#pragma once

#include <stddef.h>

/// Prints what can be given to `--voice`, a line each, fields separated by tabs: `voice` or `variant`, what to give,
/// name, gender (`male`, `female`, `-`), and for voices the languages they speak, each with `=` and its priority, of
/// which the lowest is the best, separated by spaces.
void voices_print(void);

/// Finds the engine's own name of a voice.
///
/// The engine takes a name for a path, so nothing but what it lists itself may reach it: `name` is the first language
/// of an installed voice, or that, `+` and an installed variant. Returns 0 where there is no such voice.
int voices_resolve(const char *name, char *resolved, size_t size);
