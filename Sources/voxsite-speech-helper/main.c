// Speaks text with espeak-ng and says when each sound of it begins.
//
//     voxsite-speech-helper --voices
//     voxsite-speech-helper --voice en-us+f3 --rate 175 --pitch 50 --range 50 < text > frames
//
// It is a program of its own because espeak-ng is under the GNU General Public License, version 3 or later: so is,
// therefore, this program as built, while voxsite, which only exchanges bytes with it, is not. These sources are under
// the Apache License 2.0 as the rest of the project; the two licences go together.
//
// The text comes by the standard input alone, and is nothing but text: no SSML, no phoneme notation, no commands.
// Exit status: 0 done, 64 wrong usage, 65 unusable text, 66 unknown voice, 70 failure of the engine, 74 nobody reads.

#include <espeak-ng/speak_lib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "frames.h"
#include "text.h"
#include "voices.h"

enum { USAGE = 64, BAD_TEXT = 65, UNKNOWN_VOICE = 66, ENGINE = 70, NO_READER = 74 };
enum { TEXT_LIMIT = 1 << 20 };

static uint32_t sample_count;
static FILE *trace;
static char *trace_text;
static size_t trace_length;

static int fail(int status, const char *reason) {
    fprintf(stderr, "voxsite-speech-helper: %s\n", reason);
    return status;
}

/// Sends the transcript of the clause that comes next, if one has begun.
static void send_transcript(void) {
    if (fflush(trace) != 0 || trace_length == 0) return;
    frame_write('T', NULL, 0, trace_text, trace_length);
    rewind(trace);
}

static void send_event(const espeak_EVENT *event) {
    uint32_t numbers[3] = {(uint32_t)event->sample, (uint32_t)event->text_position - 1, (uint32_t)event->length};
    if (event->sample < 0) return;
    if (event->type == espeakEVENT_WORD && event->text_position > 0 && event->length >= 0)
        frame_write('W', numbers, 3, NULL, 0);
    if (event->type != espeakEVENT_PHONEME) return;
    // Eight bytes without an end where the name is longer, which may cut a character in two.
    size_t length = strnlen(event->id.string, sizeof event->id.string);
    const unsigned char *symbol = (const unsigned char *)event->id.string;
    frame_write('P', numbers, 1, symbol, text_whole_length(symbol, length));
}

static int receive(short *samples, int count, espeak_EVENT *events) {
    send_transcript();
    for (; events->type != espeakEVENT_LIST_TERMINATED; events++) send_event(events);
    if (samples && count > 0) {
        frame_write_audio(samples, (size_t)count);
        sample_count += (uint32_t)count;
    }
    return frames_are_intact() ? 0 : 1;
}

/// A number within bounds; -1 for anything else.
static int number(const char *text, int least, int most) {
    char *end;
    long value = strtol(text, &end, 10);
    return *text && !*end && value >= least && value <= most ? (int)value : -1;
}

/// Takes away what is not needed to turn text into sound, in case a text makes the engine stumble.
static void confine(void) {
    struct rlimit none = {0, 0}, memory = {1u << 30, 1u << 30};
    setrlimit(RLIMIT_CORE, &none);
    setrlimit(RLIMIT_AS, &memory);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static int speak(const char *voice, int rate, int pitch, int range, int sample_rate) {
    char resolved[256];
    if (!voices_resolve(voice, resolved, sizeof resolved)) return fail(UNKNOWN_VOICE, "no such voice is installed");
    char *text = NULL;
    switch (text_read(TEXT_LIMIT, &text)) {
        case TEXT_FINE: break;
        case TEXT_TOO_LONG: return fail(BAD_TEXT, "the text is longer than 1 MiB");
        case TEXT_NOT_UTF8: return fail(BAD_TEXT, "the text is not UTF-8");
        case TEXT_UNREADABLE: return fail(BAD_TEXT, "the text cannot be read");
        case TEXT_NO_MEMORY: return fail(ENGINE, "no memory for the text");
    }
    trace = open_memstream(&trace_text, &trace_length);
    if (!trace) return fail(ENGINE, "no memory for the transcript");
    if (espeak_SetVoiceByName(resolved) != EE_OK) return fail(UNKNOWN_VOICE, "the voice cannot be loaded");
    espeak_SetParameter(espeakRATE, rate, 0);
    espeak_SetParameter(espeakPITCH, pitch, 0);
    espeak_SetParameter(espeakRANGE, range, 0);
    espeak_SetSynthCallback(receive);
    espeak_SetPhonemeTrace('_' << 8 | 2, trace);  // IPA, sounds separated by '_'
    frames_begin();
    frame_write('R', &(uint32_t){(uint32_t)sample_rate}, 1, NULL, 0);
    unsigned int flags = espeakCHARS_UTF8 | espeakENDPAUSE;
    if (espeak_Synth(text, strlen(text) + 1, 0, POS_CHARACTER, 0, flags, NULL, NULL) != EE_OK)
        return fail(ENGINE, "the engine does not take the text");
    espeak_Synchronize();
    frame_write('E', &sample_count, 1, NULL, 0);
    return frames_are_intact() ? 0 : fail(NO_READER, "nobody reads the audio");
}

int main(int argument_count, char **arguments) {
    const char *voice = NULL;
    int rate = 175, pitch = 50, range = 50, only_lists = 0;
    for (int i = 1; i < argument_count; i++) {
        const char *name = arguments[i];
        if (strcmp(name, "--voices") == 0) {
            only_lists = 1;
            continue;
        }
        if (i + 1 == argument_count) return fail(USAGE, "an argument is unknown or lacks its value");
        const char *value = arguments[++i];
        if (strcmp(name, "--voice") == 0) voice = value;
        else if (strcmp(name, "--rate") == 0) rate = number(value, espeakRATE_MINIMUM, espeakRATE_MAXIMUM);
        else if (strcmp(name, "--pitch") == 0) pitch = number(value, 0, 100);
        else if (strcmp(name, "--range") == 0) range = number(value, 0, 100);
        else return fail(USAGE, "an argument is unknown or lacks its value");
    }
    if (rate < 0 || pitch < 0 || range < 0) return fail(USAGE, "--rate takes 80 to 450, --pitch and --range 0 to 100");
    if (!only_lists && !voice) return fail(USAGE, "--voice or --voices is needed");
    confine();
    // Without its data the library says so and ends the process.
    int options = espeakINITIALIZE_PHONEME_EVENTS | espeakINITIALIZE_PHONEME_IPA;
    int sample_rate = espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 0, NULL, options);
    if (sample_rate <= 0) return fail(ENGINE, "espeak-ng does not start");
    if (!only_lists) return speak(voice, rate, pitch, range, sample_rate);
    voices_print();
    return frames_are_intact() ? 0 : NO_READER;
}
