#pragma once

#include <stddef.h>

/// Why text was not read.
enum text_failure { TEXT_FINE, TEXT_TOO_LONG, TEXT_NOT_UTF8, TEXT_NO_MEMORY, TEXT_UNREADABLE };

/// Reads all of the standard input as text to be spoken.
///
/// The engine takes some control characters for commands, so each becomes a space; the count of characters, by which
/// words are found again, stays. Sets `text` to memory that ends with a zero byte.
enum text_failure text_read(size_t limit, char **text);

/// How many bytes at the start of `bytes` are whole UTF-8 characters; `count` where all are.
///
/// Source: RFC 3629, section 4.
size_t text_whole_length(const unsigned char *bytes, size_t count);
