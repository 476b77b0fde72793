#pragma once

// What the helper writes to its standard output when it speaks: the eight bytes "VOXSPCH1", then frames. A frame is
// its kind (one byte), the length of its content (32 bits), its content. All numbers are unsigned and little-endian,
// samples are signed. Positions count samples from the start of the audio.
//
//   R  rate         rate in Hz (32)                    once, first
//   T  transcript   UTF-8                              before each clause: its sounds, separated by '_' and
//                                                      spaces, with the marks of stress that events lack
//   W  word         position (32), first character (32), length in characters (32)
//   P  phoneme      position (32), UTF-8               empty is silence
//   A  audio        samples (16 each)
//   E  end          count of all samples (32)          once, last; without it the audio is not whole

#include <stddef.h>
#include <stdint.h>

/// Writes the first eight bytes.
void frames_begin(void);

/// Writes a frame of up to three numbers, followed by bytes.
void frame_write(char kind, const uint32_t *numbers, size_t number_count, const void *bytes, size_t byte_count);

/// Writes samples.
void frame_write_audio(const short *samples, size_t count);

/// Whether all that was written has arrived so far.
int frames_are_intact(void);
