#include "corpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

using namespace pronghorn;

namespace {

std::vector<Case> all;

struct File {
  FILE* file;
  bool good = true;

  bool read(void* to, size_t bytes) {
    good = good && fread(to, 1, bytes, file) == bytes;
    return good;
  }
  Bytes block() {
    int64_t size = 0;
    Bytes bytes;
    if (!read(&size, 8) || size < 0 || size > (int64_t)1 << 31) return bytes;
    bytes.resize(size);
    char rest[8];
    if (size) read(bytes.data(), size);
    read(rest, (8 - size % 8) % 8);
    return bytes;
  }
  template <class T>
  std::vector<T> numbers() {
    Bytes bytes = block();
    std::vector<T> out(bytes.size() / sizeof(T));
    if (!out.empty()) memcpy(out.data(), bytes.data(), bytes.size());
    return out;
  }
};

// The program's header says how many arrays of each kind there are.
bool read_arrays(File* file, Case* c, int64_t count) {
  int32_t header[kHeaderWords];
  if (c->program.size() < sizeof header) return false;
  memcpy(header, c->program.data(), sizeof header);
  int32_t inputs = header[8], states = header[9], outputs = header[10];
  if (count != inputs + 2 * states + outputs) return false;
  for (int i = 0; i < inputs; i++) c->inputs.push_back(file->block());
  for (int i = 0; i < states; i++) c->before.push_back(file->block());
  for (int i = 0; i < states; i++) c->after.push_back(file->block());
  for (int i = 0; i < outputs; i++) c->outputs.push_back(file->block());
  return file->good;
}

bool read_case(File* file, Case* c) {
  Bytes name = file->block();
  c->name.assign(name.begin(), name.end());
  std::vector<int64_t> n = file->numbers<int64_t>();
  std::vector<double> tolerance = file->numbers<double>();
  if (n.size() != 10 || tolerance.size() != 1) return false;
  int64_t* fields[] = {&c->rows,  &c->batch,          &c->passes,
                       &c->seed,  &c->step,           &c->outcome,
                       &c->steps, &c->fault_position, &c->fault_index};
  for (int i = 0; i < 9; i++) *fields[i] = n[i];
  c->tolerance = tolerance[0];
  c->program = file->block();
  c->order = file->numbers<int32_t>();
  return read_arrays(file, c, n[9]);
}

}  // namespace

bool read_corpus(const char* path) {
  File file = {fopen(path, "rb")};
  if (!file.file) return false;
  char magic[8] = {};
  int64_t count = 0;
  file.read(magic, 8);
  file.read(&count, 8);
  bool good = file.good && !memcmp(magic, "PRGNTEST", 8);
  for (int64_t i = 0; good && i < count; i++) {
    all.emplace_back();
    good = read_case(&file, &all.back());
  }
  fclose(file.file);
  return good && !all.empty();
}

const std::vector<Case>& corpus() { return all; }

std::vector<const Case*> cases_of(const char* prefix) {
  std::vector<const Case*> found;
  for (const Case& c : all)
    if (!c.name.compare(0, strlen(prefix), prefix)) found.push_back(&c);
  return found;
}

std::vector<const Kernels*> instruction_sets() {
  std::vector<const Kernels*> found;
  for (const Kernels* const* k = available_kernels(); *k; k++) found.push_back(*k);
  return found;
}

// --- memory

Block::Block(size_t bytes) : at(nullptr), size(bytes) {
  if (posix_memalign((void**)&at, 64, bytes ? bytes : 1)) abort();
  if (bytes) memset(at, 7, bytes);
}

Block::Block(const Bytes& content) : Block(content.size()) {
  if (size) memcpy(at, content.data(), size);
}

Block::Block(Block&& other) : at(other.at), size(other.size) { other.at = nullptr; }

Block::~Block() { free(at); }

// --- the machine

Machine::Machine(const Case& c_, const Kernels* kernels_)
    : c(c_), kernels(kernels_), run(), error(), steps(0), opened(false) {
  for (const Bytes& bytes : c.inputs) inputs.emplace_back(bytes);
  for (const Bytes& bytes : c.before) states.emplace_back(bytes);
  for (const Bytes& bytes : c.outputs) outputs.emplace_back(bytes.size());
}

Machine::~Machine() {
  if (opened) close_executable(&e);
}

bool Machine::open(const Bytes& program) {
  if (opened) close_executable(&e);
  opened = true;  // also one that was refused must be closed
  if (!open_executable(program.data(), program.size(), kernels, &e, &error))
    return false;
  if (!fits()) return false;
  bind();
  return true;
}

// What the binding checks before a run: memory of the sizes that the program names.
bool Machine::fits() const {
  const Program& p = e.program;
  if (p.n_inputs != (int)inputs.size() || p.n_states != (int)states.size() ||
      p.n_outputs != (int)outputs.size() || c.batch > p.max_rows)
    return false;
  for (int i = 0; i < p.n_inputs; i++) {
    int32_t value = p.input_values[i];
    int64_t bytes = p.values[value].dtype == DTYPE_bool ? 1 : 4;
    if (c.rows * value_elements(e, value, 1) * bytes != (int64_t)inputs[i].size)
      return false;
  }
  for (int i = 0; i < p.n_states; i++)
    if (4 * value_elements(e, p.state_values[i], 1) != (int64_t)states[i].size)
      return false;
  for (int i = 0; i < p.n_outputs; i++) {
    int32_t value = p.output_values[i];
    int64_t have = outputs[i].size / 4, size = value_elements(e, value, 1);
    bool by_row = p.extents[p.values[value].extent].scale != 0;
    if (by_row ? have < c.rows * size : have != size) return false;
  }
  return true;
}

void Machine::bind() {
  const Program& p = e.program;
  for (int i = 0; i < p.n_states; i++) bind_state(&e, i, states[i].at);
  data.clear();
  out.clear();
  for (int i = 0; i < p.n_inputs; i++) {
    bool narrow = p.values[p.input_values[i]].dtype == DTYPE_bool;
    data.push_back({inputs[i].at, c.rows, narrow});
  }
  for (int i = 0; i < p.n_outputs; i++) {
    bool by_row = p.extents[p.values[p.output_values[i]].extent].scale != 0;
    out.push_back({outputs[i].at, (int64_t)outputs[i].size / 4, by_row});
  }
  run = Run();
  run.data = data.data();
  run.outputs = out.data();
  run.order = c.order.empty() ? nullptr : c.order.data();
  run.batch_size = c.batch;
  run.seed = c.seed;
}

Outcome Machine::pass(int64_t first, int64_t last) {
  run.first = first;
  run.last = last;
  run.step = (uint32_t)(c.step + steps);
  run.steps = 0;
  Outcome outcome = pronghorn::run(&e, &run);
  steps += run.steps;
  return outcome;
}

Outcome Machine::pass() { return pass(0, c.rows); }

Outcome Machine::all() {
  Outcome outcome = RUN_done;
  for (int64_t i = 0; i < c.passes && outcome == RUN_done; i++) outcome = pass();
  return outcome;
}

std::vector<Bytes> Machine::results() const {
  std::vector<Bytes> found;
  for (const Block& b : states) found.emplace_back(b.at, b.at + b.size);
  for (const Block& b : outputs) found.emplace_back(b.at, b.at + b.size);
  return found;
}
