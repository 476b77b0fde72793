#pragma once

#include <curl/curl.h>

// curl_easy_setopt and curl_easy_getinfo are variadic, which Swift cannot call, and check nothing: a long where
// an offset is wanted reads half of it. Here is one function for each kind of argument that <curl/curl.h>
// distinguishes (CURLOPTTYPE_*, CURLINFO_*), and each refuses an option of another kind.
//
// Source: curl_easy_setopt(3), curl_easy_getinfo(3), curl_easy_option_by_id(3).

/// The kind of argument that `option` takes; -1 for an option that this libcurl does not know.
static inline int vox_curl_kind(CURLoption option) {
    const struct curl_easyoption *known = curl_easy_option_by_id(option);
    return known ? (int)known->type : -1;
}

/// Sets an option that takes a number or a set of bits (CURLOPTTYPE_LONG, _VALUES).
static inline CURLcode vox_curl_set_long(CURL *handle, CURLoption option, long value) {
    int kind = vox_curl_kind(option);
    if (kind != CURLOT_LONG && kind != CURLOT_VALUES) return CURLE_BAD_FUNCTION_ARGUMENT;
    return curl_easy_setopt(handle, option, value);
}

/// Sets an option that takes a size or a position in a file, 64 bits wide (CURLOPTTYPE_OFF_T).
static inline CURLcode vox_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
    if (vox_curl_kind(option) != CURLOT_OFF_T) return CURLE_BAD_FUNCTION_ARGUMENT;
    return curl_easy_setopt(handle, option, value);
}

/// Sets an option that takes text, which libcurl copies; NULL takes the option back (CURLOPTTYPE_STRINGPOINT).
static inline CURLcode vox_curl_set_string(CURL *handle, CURLoption option, const char *value) {
    if (vox_curl_kind(option) != CURLOT_STRING) return CURLE_BAD_FUNCTION_ARGUMENT;
    return curl_easy_setopt(handle, option, value);
}

/// Sets an option that takes memory which must outlive its use: what a callback is given, the buffer for error
/// texts (CURLOPTTYPE_OBJECTPOINT, _CBPOINT).
static inline CURLcode vox_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    int kind = vox_curl_kind(option);
    if (kind != CURLOT_OBJECT && kind != CURLOT_CBPTR) return CURLE_BAD_FUNCTION_ARGUMENT;
    return curl_easy_setopt(handle, option, value);
}

/// Sets an option that takes a list, which is not copied: free it after the transfer (CURLOPTTYPE_SLISTPOINT).
static inline CURLcode vox_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    if (vox_curl_kind(option) != CURLOT_SLIST) return CURLE_BAD_FUNCTION_ARGUMENT;
    return curl_easy_setopt(handle, option, value);
}

/// Gets the bytes of a body, or one line of a head; returns how many it took, fewer to end the transfer.
typedef size_t (*vox_curl_bytes_callback)(char *bytes, size_t size, size_t count, void *context);

/// Who gets the body (CURLOPT_WRITEFUNCTION).
static inline CURLcode vox_curl_set_write_callback(CURL *handle, vox_curl_bytes_callback callback) {
    return curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, callback);
}

/// Who gets the lines of a response's head (CURLOPT_HEADERFUNCTION).
static inline CURLcode vox_curl_set_header_callback(CURL *handle, vox_curl_bytes_callback callback) {
    return curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, callback);
}

/// Who is asked about once a second, and more often while bytes flow, whether to go on; not 0 ends the transfer
/// (CURLOPT_XFERINFOFUNCTION). Needs CURLOPT_NOPROGRESS to be 0.
static inline CURLcode vox_curl_set_progress_callback(CURL *handle, curl_xferinfo_callback callback) {
    return curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, callback);
}

/// Who is told that a connection stands and the request comes next (CURLOPT_PREREQFUNCTION).
static inline CURLcode vox_curl_set_prerequest_callback(CURL *handle, curl_prereq_callback callback) {
    return curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, callback);
}

/// Who sees each socket before it is connected (CURLOPT_SOCKOPTFUNCTION).
static inline CURLcode vox_curl_set_socket_callback(CURL *handle, curl_sockopt_callback callback) {
    return curl_easy_setopt(handle, CURLOPT_SOCKOPTFUNCTION, callback);
}

/// Who closes each socket (CURLOPT_CLOSESOCKETFUNCTION).
static inline CURLcode vox_curl_set_close_callback(CURL *handle, curl_closesocket_callback callback) {
    return curl_easy_setopt(handle, CURLOPT_CLOSESOCKETFUNCTION, callback);
}

/// Who decides about an ssh server's key; its verdict overrides the known_hosts file
/// (CURLOPT_SSH_HOSTKEYFUNCTION).
static inline CURLcode vox_curl_set_host_key_callback(CURL *handle, curl_sshhostkeycallback callback) {
    return curl_easy_setopt(handle, CURLOPT_SSH_HOSTKEYFUNCTION, callback);
}

/// A number about the last transfer; `fallback` where libcurl does not know it (CURLINFO_LONG).
static inline long vox_curl_get_long(CURL *handle, CURLINFO info, long fallback) {
    long value = fallback;
    if ((info & CURLINFO_TYPEMASK) != CURLINFO_LONG) return fallback;
    return curl_easy_getinfo(handle, info, &value) == CURLE_OK ? value : fallback;
}

/// A size or time about the last transfer; `fallback` where libcurl does not know it (CURLINFO_OFF_T).
static inline curl_off_t vox_curl_get_offset(CURL *handle, CURLINFO info, curl_off_t fallback) {
    curl_off_t value = fallback;
    if ((info & CURLINFO_TYPEMASK) != CURLINFO_OFF_T) return fallback;
    return curl_easy_getinfo(handle, info, &value) == CURLE_OK ? value : fallback;
}

/// How many idle connections are kept (CURLMOPT_MAXCONNECTS).
static inline CURLMcode vox_curl_keep_connections(CURLM *multi, long count) {
    return curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, count);
}

/// Runs the only transfer of `multi` to its end and blocks meanwhile, as curl_easy_perform does, except that
/// curl_multi_wakeup from another thread makes it look up at once.
static inline CURLcode vox_curl_perform(CURLM *multi, CURL *handle) {
    if (curl_multi_add_handle(multi, handle) != CURLM_OK) return CURLE_FAILED_INIT;
    CURLcode result = CURLE_OUT_OF_MEMORY;
    int running = 1;
    while (curl_multi_perform(multi, &running) == CURLM_OK) {
        int left = 0;
        CURLMsg *message = curl_multi_info_read(multi, &left);
        if (message && message->msg == CURLMSG_DONE) {
            result = message->data.result;
            break;
        }
        if (!running || curl_multi_poll(multi, NULL, 0, 1000, NULL) != CURLM_OK) break;
    }
    curl_multi_remove_handle(multi, handle);
    return result;
}

// Sums of bits that the importer does not translate.
enum {
    VOX_CURLSSH_AUTH_NONE = 0,
    VOX_CURLSSH_AUTH_PUBLICKEY = CURLSSH_AUTH_PUBLICKEY,
    VOX_CURLSSH_AUTH_PASSWORD = CURLSSH_AUTH_PASSWORD,
    VOX_CURLSSH_AUTH_KEYBOARD = CURLSSH_AUTH_KEYBOARD,
    VOX_CURLSSH_AUTH_AGENT = CURLSSH_AUTH_AGENT,
    VOX_CURL_GLOBAL_DEFAULT = CURL_GLOBAL_DEFAULT,
};
