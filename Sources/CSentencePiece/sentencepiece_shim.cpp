#include "include/sentencepiece_shim.h"

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <sstream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

// The library exports this function; its header is not among those that are installed.
namespace sentencepiece::logging {
void SetMinLogLevel(int level);
}

struct sp_model {
    sentencepiece::SentencePieceProcessor processor;
};

namespace {

using sentencepiece::util::Status;

// Given out where there is no memory even for a message; sp_free knows it.
char out_of_memory[] = "out of memory";

char *copy(const char *bytes, size_t count) {
    auto *memory = static_cast<char *>(std::malloc(count + 1));
    if (memory == nullptr) return nullptr;
    if (count > 0) std::memcpy(memory, bytes, count);
    memory[count] = 0;
    return memory;
}

template <typename Element>
char *copy(const std::vector<Element> &elements) {
    return copy(reinterpret_cast<const char *>(elements.data()), elements.size() * sizeof(Element));
}

char *message(const char *text) {
    char *memory = copy(text, std::strlen(text));
    return memory == nullptr ? out_of_memory : memory;
}

char *message(const Status &status) { return status.ok() ? nullptr : message(status.error_message()); }

char *give(const std::string &bytes, char **memory, size_t *count) {
    char *copied = copy(bytes.data(), bytes.size());
    if (copied == nullptr) return out_of_memory;
    *memory = copied;
    *count = bytes.size();
    return nullptr;
}

// Runs `body`, and turns what it throws into a message.
template <typename Body>
char *guarded(Body body) noexcept {
    try {
        return body();
    } catch (const std::bad_alloc &) {
        return out_of_memory;
    } catch (const std::exception &error) {
        return message(error.what());
    } catch (...) {
        return message("an exception without a message");
    }
}

// Progress and warnings are not shown: what matters comes back as a status. Level 2 is that of errors.
void silence() {
    static std::once_flag once;
    std::call_once(once, [] { sentencepiece::logging::SetMinLogLevel(2); });
}

std::string_view view(sp_bytes text) { return {text.bytes == nullptr ? "" : text.bytes, text.count}; }

class Sentences final : public sentencepiece::SentenceIterator {
public:
    Sentences(const char *bytes, const size_t *ends, size_t count) : bytes_(bytes), ends_(ends), count_(count) {
        take();
    }

    bool done() const override { return index_ >= count_; }
    const std::string &value() const override { return value_; }
    Status status() const override { return Status(); }

    void Next() override {
        ++index_;
        take();
    }

private:
    void take() {
        if (done()) return;
        const size_t start = index_ == 0 ? 0 : ends_[index_ - 1];
        value_.assign(bytes_ + start, ends_[index_] - start);
    }

    const char *bytes_;
    const size_t *ends_;
    size_t count_;
    size_t index_ = 0;
    std::string value_;
};

}  // namespace

char *sp_model_create(sp_bytes file, sp_model **model) {
    return guarded([&]() -> char * {
        silence();
        auto created = std::make_unique<sp_model>();
        if (char *error = message(created->processor.LoadFromSerializedProto(view(file)))) return error;
        *model = created.release();
        return nullptr;
    });
}

void sp_model_free(sp_model *model) { delete model; }

int32_t sp_model_size(const sp_model *model) { return model->processor.GetPieceSize(); }
int32_t sp_model_pad(const sp_model *model) { return model->processor.pad_id(); }
int32_t sp_model_bos(const sp_model *model) { return model->processor.bos_id(); }
int32_t sp_model_eos(const sp_model *model) { return model->processor.eos_id(); }
int32_t sp_model_unknown(const sp_model *model) { return model->processor.unk_id(); }

void sp_model_piece(const sp_model *model, int32_t id, sp_bytes *text, float *score, enum sp_piece_kind *kind) {
    const auto &processor = model->processor;
    const std::string &piece = processor.IdToPiece(id);
    *text = {piece.data(), piece.size()};
    *score = processor.GetScore(id);
    *kind = processor.IsUnknown(id)   ? sp_unknown
            : processor.IsControl(id) ? sp_control
            : processor.IsUnused(id)  ? sp_unused
            : processor.IsByte(id)    ? sp_byte
                                      : sp_normal;
}

char *sp_encode(const sp_model *model, sp_bytes text, int32_t **ids, size_t *count) {
    return guarded([&]() -> char * {
        std::vector<int> found;
        if (char *error = message(model->processor.Encode(view(text), &found))) return error;
        char *copied = copy(found);
        if (copied == nullptr) return out_of_memory;
        *ids = reinterpret_cast<int32_t *>(copied);
        *count = found.size();
        return nullptr;
    });
}

char *sp_encode_pieces(const sp_model *model, sp_bytes text, char **bytes, size_t **ends, size_t *count) {
    return guarded([&]() -> char * {
        std::vector<std::string> found;
        if (char *error = message(model->processor.Encode(view(text), &found))) return error;
        std::string joined;
        std::vector<size_t> found_ends;
        for (const std::string &piece : found) {
            joined += piece;
            found_ends.push_back(joined.size());
        }
        char *copied_ends = copy(found_ends);
        if (copied_ends == nullptr) return out_of_memory;
        size_t byte_count = 0;
        if (char *error = give(joined, bytes, &byte_count)) {
            std::free(copied_ends);
            return error;
        }
        *ends = reinterpret_cast<size_t *>(copied_ends);
        *count = found.size();
        return nullptr;
    });
}

char *sp_decode(const sp_model *model, const int32_t *ids, size_t count, char **text, size_t *byte_count) {
    return guarded([&]() -> char * {
        const std::vector<int> given(ids, ids + count);
        std::string decoded;
        if (char *error = message(model->processor.Decode(given, &decoded))) return error;
        return give(decoded, text, byte_count);
    });
}

char *sp_train(const char *settings, const char *bytes, const size_t *ends, size_t sentence_count, char **model,
               size_t *byte_count) {
    return guarded([&]() -> char * {
        silence();
        std::unordered_map<std::string, std::string> arguments;
        std::istringstream lines(settings);
        for (std::string line; std::getline(lines, line);) {
            const size_t equals = line.find('=');
            if (equals == std::string::npos) return message("a setting has no value");
            arguments[line.substr(0, equals)] = line.substr(equals + 1);
        }
        Sentences sentences(bytes, ends, sentence_count);
        std::string trained;
        const Status status = sentencepiece::SentencePieceTrainer::Train(arguments, &sentences, &trained);
        if (char *error = message(status)) return error;
        return give(trained, model, byte_count);
    });
}

void sp_free(void *memory) {
    if (memory != out_of_memory) std::free(memory);
}
