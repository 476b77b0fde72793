#ifndef SENTENCEPIECE_SHIM_H
#define SENTENCEPIECE_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// SentencePiece is C++; Swift sees it through these functions alone. No exception leaves them: each that can fail
// returns a message, which the caller frees with sp_free, or null where all went well. Every other pointer that comes
// back is the caller's, too, and is set only where all went well.

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sp_model sp_model;

enum sp_piece_kind { sp_normal, sp_unknown, sp_control, sp_unused, sp_byte };

// Bytes, not ended by a zero.
typedef struct {
    const char *bytes;
    size_t count;
} sp_bytes;

// Parses a model; what the bytes say must have been checked. Frees with sp_model_free.
char *sp_model_create(sp_bytes file, sp_model **model);
void sp_model_free(sp_model *model);

// All functions on a const model may be called by several threads at once.

int32_t sp_model_size(const sp_model *model);

// The id of a special piece, or -1 where the model has none.
int32_t sp_model_pad(const sp_model *model);
int32_t sp_model_bos(const sp_model *model);
int32_t sp_model_eos(const sp_model *model);
int32_t sp_model_unknown(const sp_model *model);

// One piece of the vocabulary. `id` must be at least 0 and below sp_model_size; `text` lives as long as the model.
void sp_model_piece(const sp_model *model, int32_t id, sp_bytes *text, float *score, enum sp_piece_kind *kind);

// The ids of a text's pieces.
char *sp_encode(const sp_model *model, sp_bytes text, int32_t **ids, size_t *count);

// The pieces of a text as they stand in its normalised form: piece i is bytes[ends[i - 1] ..< ends[i]], where ends[-1]
// is 0.
char *sp_encode_pieces(const sp_model *model, sp_bytes text, char **bytes, size_t **ends, size_t *count);

// The text of pieces.
char *sp_decode(const sp_model *model, const int32_t *ids, size_t count, char **text, size_t *byte_count);

// Trains a model. `settings` are lines of name=value with the names of spm_train; sentence i is
// bytes[ends[i - 1] ..< ends[i]], where ends[-1] is 0.
char *sp_train(const char *settings, const char *bytes, const size_t *ends, size_t sentence_count, char **model,
               size_t *byte_count);

// Frees what the functions above returned; null is fine.
void sp_free(void *memory);

#ifdef __cplusplus
}
#endif

#endif
