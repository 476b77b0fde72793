#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/// The length of the character at the start; 0 where there is none.
static size_t character_length(const unsigned char *bytes, size_t count) {
    if (bytes[0] < 0x80) return 1;
    size_t length = bytes[0] >= 0xF0 ? 4 : bytes[0] >= 0xE0 ? 3 : 2;
    if (bytes[0] < 0xC2 || bytes[0] > 0xF4 || length > count) return 0;
    for (size_t i = 1; i < length; i++)
        if ((bytes[i] & 0xC0) != 0x80) return 0;
    if (bytes[0] == 0xE0 && bytes[1] < 0xA0) return 0;  // longer than needed
    if (bytes[0] == 0xED && bytes[1] > 0x9F) return 0;  // surrogates
    if (bytes[0] == 0xF0 && bytes[1] < 0x90) return 0;  // longer than needed
    if (bytes[0] == 0xF4 && bytes[1] > 0x8F) return 0;  // beyond U+10FFFF
    return length;
}

size_t text_whole_length(const unsigned char *bytes, size_t count) {
    size_t done = 0;
    while (done < count) {
        size_t length = character_length(bytes + done, count - done);
        if (length == 0) break;
        done += length;
    }
    return done;
}

/// Makes control characters spaces: those of one byte in place, those of two (U+0080 to U+009F) as a no-break space,
/// which is as long.
static void calm(unsigned char *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if ((bytes[i] < 0x20 && bytes[i] != '\n') || bytes[i] == 0x7F) bytes[i] = ' ';
        if (bytes[i] == 0xC2 && i + 1 < count && bytes[i + 1] < 0xA0) bytes[i + 1] = 0xA0;
    }
}

enum text_failure text_read(size_t limit, char **text) {
    unsigned char *bytes = malloc(limit + 2);
    if (!bytes) return TEXT_NO_MEMORY;
    size_t count = 0;
    for (;;) {
        ssize_t got = read(STDIN_FILENO, bytes + count, limit + 1 - count);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return free(bytes), TEXT_UNREADABLE;
        if (got == 0) break;
        count += (size_t)got;
        if (count > limit) return free(bytes), TEXT_TOO_LONG;
    }
    if (text_whole_length(bytes, count) != count) return free(bytes), TEXT_NOT_UTF8;
    calm(bytes, count);
    bytes[count] = 0;
    *text = (char *)bytes;
    return TEXT_FINE;
}
