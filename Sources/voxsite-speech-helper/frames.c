#include "frames.h"

#include <stdio.h>

static void put(uint64_t value, int byte_count) {
    for (int i = 0; i < byte_count; i++) putchar_unlocked((int)(value >> (8 * i)) & 0xFF);
}

void frames_begin(void) { fputs("VOXSPCH1", stdout); }

void frame_write(char kind, const uint32_t *numbers, size_t number_count, const void *bytes, size_t byte_count) {
    putchar_unlocked(kind);
    put(4 * number_count + byte_count, 4);
    for (size_t i = 0; i < number_count; i++) put(numbers[i], 4);
    if (byte_count > 0) fwrite(bytes, 1, byte_count, stdout);
}

void frame_write_audio(const short *samples, size_t count) {
    putchar_unlocked('A');
    put(2 * count, 4);
    for (size_t i = 0; i < count; i++) put((uint16_t)samples[i], 2);
}

int frames_are_intact(void) { return fflush(stdout) == 0 && !ferror(stdout); }
