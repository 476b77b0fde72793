#include "voices.h"

#include <espeak-ng/speak_lib.h>
#include <stdio.h>
#include <string.h>

/// Whether text is a plain name of letters, digits, '-' and '_', `length` bytes long.
static int is_plain(const char *text, size_t length) {
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    return length > 0 && length < 40 && strspn(text, allowed) >= length;
}

/// The voice's first language, by which it is chosen; NULL for voices that need another program (MBROLA).
static const char *language(const espeak_VOICE *voice) {
    if (strncmp(voice->identifier, "mb/", 3) == 0 || !voice->languages || !voice->languages[0]) return NULL;
    const char *text = voice->languages + 1;  // behind its priority
    return is_plain(text, strlen(text)) ? text : NULL;
}

static const espeak_VOICE **variants(void) {
    espeak_VOICE wanted = {.languages = "variant"};
    return espeak_ListVoices(&wanted);
}

/// What is written behind '+' for a variant: the name of its file; NULL where that is no plain name.
static const char *suffix(const espeak_VOICE *voice) {
    if (strncmp(voice->identifier, "!v/", 3) != 0) return NULL;
    const char *text = voice->identifier + 3;
    return is_plain(text, strlen(text)) ? text : NULL;
}

static void print(const char *kind, const char *given, const espeak_VOICE *voice) {
    const char *gender = voice->gender == 1 ? "male" : voice->gender == 2 ? "female" : "-";
    printf("%s\t%s\t", kind, given);
    for (const char *c = voice->name; *c; c++) putchar((unsigned char)*c < 0x20 ? ' ' : *c);
    printf("\t%s\t", gender);
}

/// A list of languages is a priority in one byte and a name, again and again, until a priority of 0.
static void print_languages(const char *list) {
    while (*list) {
        const char *text = list + 1;
        size_t length = strlen(text);
        if (is_plain(text, length)) printf("%s=%d ", text, (unsigned char)*list);
        list = text + length + 1;
    }
}

void voices_print(void) {
    for (const espeak_VOICE **voice = espeak_ListVoices(NULL); voice && *voice; voice++) {
        if (!language(*voice)) continue;
        print("voice", language(*voice), *voice);
        print_languages((*voice)->languages);
        putchar('\n');
    }
    for (const espeak_VOICE **voice = variants(); voice && *voice; voice++) {
        if (!suffix(*voice)) continue;
        print("variant", suffix(*voice), *voice);
        putchar('\n');
    }
}

int voices_resolve(const char *name, char *resolved, size_t size) {
    const char *plus = strchr(name, '+');
    size_t length = plus ? (size_t)(plus - name) : strlen(name);
    if (!is_plain(name, length)) return 0;
    int written = -1;
    for (const espeak_VOICE **voice = espeak_ListVoices(NULL); voice && *voice && written < 0; voice++) {
        const char *own = language(*voice);
        if (own && strlen(own) == length && memcmp(own, name, length) == 0)
            written = snprintf(resolved, size, "%s%s", (*voice)->identifier, plus ? plus : "");
    }
    if (written < 0 || (size_t)written >= size) return 0;
    if (!plus) return 1;
    for (const espeak_VOICE **voice = variants(); voice && *voice; voice++)
        if (suffix(*voice) && strcmp(suffix(*voice), plus + 1) == 0) return 1;
    return 0;
}
