#pragma once
#include <kissfft/kiss_fftr.h>

/// Ends a plan: `kiss_fftr_free` is a macro, which Swift does not see.
static inline void vox_fft_free(kiss_fftr_cfg plan) { kiss_fftr_free(plan); }
