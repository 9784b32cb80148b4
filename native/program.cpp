#include "program.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

namespace pronghorn {

bool fail(Error* error, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(error->text, sizeof error->text, format, arguments);
  va_end(arguments);
  return false;
}

namespace {

constexpr int32_t kMaxCount = 1 << 24;
constexpr int64_t kMaxElements = (int64_t)1 << 40;

enum Header {
  H_magic,
  H_version,
  H_words,
  H_max_rows,
  H_arena_lines,
  H_extents,
  H_values,
  H_constants,
  H_inputs,
  H_states,
  H_outputs,
  H_instructions,
  H_first_phase,
  H_guard,
};

bool read_header(const int32_t* w, int64_t n_words, Program* p, Error* error) {
  if (w[H_magic] != kMagic) return fail(error, "not a program");
  if (w[H_version] != kVersion)
    return fail(error, "program version %d, this engine reads %d", w[H_version],
                kVersion);
  if (w[H_words] != n_words)
    return fail(error, "%lld words, the header says %d", (long long)n_words,
                w[H_words]);
  if (w[H_max_rows] < 1) return fail(error, "max_rows is %d", w[H_max_rows]);
  if (w[H_arena_lines] < 0) return fail(error, "arena of %d lines", w[H_arena_lines]);
  for (int i = H_extents; i <= H_first_phase; i++)
    if (w[i] < 0 || w[i] > (i == H_constants ? INT32_MAX : kMaxCount))
      return fail(error, "header word %d is %d", i, w[i]);
  if (w[H_first_phase] > w[H_instructions]) return fail(error, "phases out of order");
  p->max_rows = w[H_max_rows];
  p->arena_bytes = w[H_arena_lines] * kLine;
  p->n_extents = w[H_extents];
  p->n_values = w[H_values];
  p->n_constants = w[H_constants];
  p->n_inputs = w[H_inputs];
  p->n_states = w[H_states];
  p->n_outputs = w[H_outputs];
  p->n_instructions = w[H_instructions];
  p->n_first_phase = w[H_first_phase];
  p->guard = w[H_guard];
  return true;
}

bool read_sections(Program* p, Error* error) {
  int64_t at = kHeaderWords;
  int64_t extents = at;
  at += (int64_t)p->n_extents * kExtentWords;
  int64_t values = at;
  at += (int64_t)p->n_values * kValueWords;
  int64_t constants = at;
  at += p->n_constants;
  if (at > p->n_words) return fail(error, "sections longer than the program");
  p->extents = (const Extent*)(p->words + extents);
  p->values = (const Value*)(p->words + values);
  p->constants = p->words + constants;
  p->code = p->words + at;
  p->end = p->words + p->n_words;
  return true;
}

int64_t size_at(const Program* p, int32_t extent, int64_t rows) {
  return p->extents[extent].scale * rows + p->extents[extent].offset;
}

// A size may be wrong for few rows (a slice of them): then the plan for so few fails.
bool check_extents(const Program* p, Error* error) {
  for (int32_t i = 0; i < p->n_extents; i++) {
    int64_t size = size_at(p, i, p->max_rows);
    if (size < 0 || size > kMaxElements || size_at(p, i, 1) > kMaxElements)
      return fail(error, "extent %d is %lld for all rows", i, (long long)size);
  }
  return true;
}

// Gives each input, state and output its value, once.
bool claim(int32_t* owner, int32_t count, const Value& v, int32_t number,
           Error* error) {
  if (v.index < 0 || v.index >= count || owner[v.index] >= 0)
    return fail(error, "value %d: index %d of %d", number, v.index, count);
  owner[v.index] = number;
  return true;
}

bool check_value(Program* p, int32_t i, Error* error) {
  const Value& v = p->values[i];
  if (v.extent < 0 || v.extent >= p->n_extents)
    return fail(error, "value %d: extent %d", i, v.extent);
  if (v.dtype < 0 || v.dtype >= kDtypes)
    return fail(error, "value %d: dtype %d", i, v.dtype);
  if (v.space < 0 || v.space >= kSpaces)
    return fail(error, "value %d: space %d", i, v.space);
  const Extent& e = p->extents[v.extent];
  int64_t one = size_at(p, v.extent, 1), all = size_at(p, v.extent, p->max_rows);
  int64_t largest = one > all ? one : all;
  bool in_arena = v.space != SPACE_constant && v.space != SPACE_state;
  if (in_arena && (v.line < 0 || v.line * kLine + largest * 4 > p->arena_bytes))
    return fail(error, "value %d leaves the arena", i);
  if (!in_arena && e.scale != 0) return fail(error, "value %d depends on the rows", i);
  switch (v.space) {
    case SPACE_constant:
      if (v.index < 0 || v.index + largest > p->n_constants)
        return fail(error, "value %d leaves the constants", i);
      return true;
    case SPACE_state:
      return claim(p->state_values, p->n_states, v, i, error);
    case SPACE_input:
      if (e.offset != 0 || e.scale < 0)
        return fail(error, "input value %d: no whole rows", i);
      return claim(p->input_values, p->n_inputs, v, i, error);
    case SPACE_output:
      if (e.scale < 0 || (e.scale && e.offset))
        return fail(error, "output value %d: no whole rows", i);
      return claim(p->output_values, p->n_outputs, v, i, error);
    default:
      return true;
  }
}

bool all_claimed(const int32_t* owner, int32_t count, const char* what, Error* error) {
  for (int32_t i = 0; i < count; i++)
    if (owner[i] < 0) return fail(error, "%s %d has no value", what, i);
  return true;
}

bool check_guard(const Program* p, Error* error) {
  if (p->guard == -1) return true;
  if (p->guard < 0 || p->guard >= p->n_values)
    return fail(error, "guard is value %d", p->guard);
  const Extent& e = p->extents[p->values[p->guard].extent];
  return !e.scale && e.offset == 1 ? true : fail(error, "the guard is no scalar");
}

bool check_values(Program* p, Error* error) {
  int32_t total = p->n_inputs + p->n_states + p->n_outputs;
  int32_t* owners = (int32_t*)malloc(sizeof(int32_t) * (total + 1));
  if (!owners) return fail(error, "out of memory");
  for (int32_t i = 0; i < total; i++) owners[i] = -1;
  p->input_values = owners;
  p->state_values = owners + p->n_inputs;
  p->output_values = p->state_values + p->n_states;
  for (int32_t i = 0; i < p->n_values; i++)
    if (!check_value(p, i, error)) return false;
  return all_claimed(p->input_values, p->n_inputs, "input", error) &&
         all_claimed(p->state_values, p->n_states, "state", error) &&
         all_claimed(p->output_values, p->n_outputs, "output", error);
}

// Instructions name their own length; their contents are checked by the planner.
bool check_code(const Program* p, Error* error) {
  const int32_t* at = p->code;
  for (int32_t i = 0; i < p->n_instructions; i++) {
    if (p->end - at < 2) return fail(error, "instruction %d is cut off", i);
    if (at[0] < 0 || at[0] >= kInstructions)
      return fail(error, "instruction %d has opcode %d", i, at[0]);
    if (at[1] < 2 || at[1] > p->end - at)
      return fail(error, "instruction %d is %d words long", i, at[1]);
    at += at[1];
  }
  return at == p->end ? true : fail(error, "words after the last instruction");
}

}  // namespace

bool load_program(const void* bytes, int64_t size, Program* p, Error* error) {
  memset(p, 0, sizeof *p);
  if (size < 4 * kHeaderWords || size % 4 || size / 4 > INT32_MAX)
    return fail(error, "not a program");
  int32_t* words =
      (int32_t*)malloc(size + kLine);  // constants may be over-read by a vector
  if (!words) return fail(error, "out of memory");
  memcpy(words, bytes, size);
  memset((char*)words + size, 0, kLine);
  p->words = words;
  p->n_words = (int32_t)(size / 4);
  return read_header(words, p->n_words, p, error) && read_sections(p, error) &&
         check_extents(p, error) && check_values(p, error) && check_guard(p, error) &&
         check_code(p, error);
}

void free_program(Program* p) {
  free((void*)p->words);
  free(p->input_values);
  memset(p, 0, sizeof *p);
}

}  // namespace pronghorn
