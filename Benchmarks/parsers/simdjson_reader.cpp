// Sums every number of a JSONL file with simdjson's on-demand parser, the way a log reader would use it.
//
// Prints one line per variant: name, threads, MB/s (10^6 bytes), numbers found and their sum, which must agree with
// those of voxsite's reader. The file is read by read(2) inside the measured time, as voxsite reads it.
//
//   lines         one on-demand document per line: a bad line can be told, counted and skipped
//   stream        iterate_many over a whole stretch: faster to feed, but ends at the first bad line
//
// Build: c++ -O3 -march=native -std=c++17 simdjson_reader.cpp -lsimdjson -pthread
#include <fcntl.h>
#include <simdjson.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <thread>
#include <vector>

namespace {

using simdjson::ondemand::document;
using simdjson::ondemand::json_type;
using simdjson::ondemand::parser;

struct Totals {
    double sum = 0;
    size_t numbers = 0;
    size_t bad = 0;
};

// One line's numbers. Objects inside objects do not occur in this log.
template <typename Object>
bool add(Object object, Totals &totals) {
    for (auto field : object) {
        simdjson::ondemand::value value;
        if (field.value().get(value)) return false;
        json_type type;
        if (value.type().get(type)) return false;
        if (type != json_type::number) continue;
        double number;
        if (value.get_double().get(number)) return false;
        totals.sum += number;
        totals.numbers += 1;
    }
    return true;
}

Totals by_lines(const char *begin, const char *end) {
    Totals totals;
    parser parser;
    while (begin < end) {
        auto newline = static_cast<const char *>(memchr(begin, '\n', end - begin));
        if (!newline) break;
        size_t length = newline - begin;
        document document;
        simdjson::ondemand::object object;
        // The buffer is padded, and each line is followed by the next, so no line needs a copy.
        if (parser.iterate(begin, length, length + simdjson::SIMDJSON_PADDING).get(document)
            || document.get_object().get(object) || !add(object, totals))
            totals.bad += 1;
        begin = newline + 1;
    }
    return totals;
}

Totals by_stream(const char *begin, const char *end) {
    Totals totals;
    parser parser;
    simdjson::ondemand::document_stream stream;
    if (parser.iterate_many(begin, end - begin, 1 << 20).get(stream)) return totals;
    for (auto document : stream) {
        simdjson::ondemand::object object;
        if (document.get_object().get(object) || !add(object, totals)) totals.bad += 1;
    }
    return totals;
}

std::vector<char> slurp(const char *path) {
    int descriptor = open(path, O_RDONLY);
    struct stat state;
    if (descriptor < 0 || fstat(descriptor, &state) != 0) {
        perror(path);
        exit(1);
    }
    std::vector<char> bytes(state.st_size + simdjson::SIMDJSON_PADDING);
    size_t filled = 0;
    while (filled < size_t(state.st_size)) {
        ssize_t count = read(descriptor, bytes.data() + filled, state.st_size - filled);
        if (count <= 0) {
            perror(path);
            exit(1);
        }
        filled += count;
    }
    close(descriptor);
    return bytes;
}

// Reads one stretch into a buffer of its own and parses it, block by block, as a program that minds its memory does.
template <typename Parse>
Totals blockwise(const char *path, size_t from, size_t to, Parse parse) {
    const size_t block = 1 << 20;
    std::vector<char> buffer(2 * block + simdjson::SIMDJSON_PADDING);
    int descriptor = open(path, O_RDONLY);
    Totals totals;
    size_t offset = from, held = 0;
    while (offset < to) {
        ssize_t count = pread(descriptor, buffer.data() + held, std::min(block, to - offset), offset);
        if (count <= 0) break;
        offset += count;
        size_t filled = held + count;
        auto last = static_cast<const char *>(memrchr(buffer.data(), '\n', filled));
        if (!last) {
            held = filled;
            if (held >= block) break;
            continue;
        }
        Totals part = parse(buffer.data(), last + 1);
        totals.sum += part.sum;
        totals.numbers += part.numbers;
        totals.bad += part.bad;
        held = buffer.data() + filled - (last + 1);
        memmove(buffer.data(), last + 1, held);
    }
    close(descriptor);
    return totals;
}

template <typename Parse>
void measure(const char *name, int threads, const char *path, size_t size, const std::vector<size_t> &cuts, Parse parse) {
    double best = 1e9;
    Totals totals;
    for (int round = 0; round < 5; round++) {
        auto start = std::chrono::steady_clock::now();
        std::vector<Totals> parts(threads);
        std::vector<std::thread> workers;
        for (int index = 0; index < threads; index++)
            workers.emplace_back([&, index] { parts[index] = blockwise(path, cuts[index], cuts[index + 1], parse); });
        for (auto &worker : workers) worker.join();
        best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
        totals = {};
        for (auto &part : parts) {
            totals.sum += part.sum;
            totals.numbers += part.numbers;
            totals.bad += part.bad;
        }
    }
    printf("simdjson-%s %d %.0f MB/s numbers=%zu bad=%zu sum=%.6g\n", name, threads, size / best / 1e6, totals.numbers,
           totals.bad, totals.sum);
}

}  // namespace

int main(int count, char **arguments) {
    if (count != 2) {
        fprintf(stderr, "usage: %s FILE\n", arguments[0]);
        return 2;
    }
    const char *path = arguments[1];
    std::vector<char> bytes = slurp(path);
    size_t size = bytes.size() - simdjson::SIMDJSON_PADDING;
    // Where a second thread takes over: behind a newline near the middle.
    auto middle = static_cast<const char *>(memchr(bytes.data() + size / 2, '\n', size - size / 2));
    size_t half = middle ? middle + 1 - bytes.data() : size;
    bytes = {};
    for (int threads : {1, 2}) {
        std::vector<size_t> cuts = threads == 1 ? std::vector<size_t>{0, size} : std::vector<size_t>{0, half, size};
        measure("lines", threads, path, size, cuts, by_lines);
        measure("stream", threads, path, size, cuts, by_stream);
    }
}
