// The program: what the lowering writes and the executor runs.
//
// A program is an array of 32-bit words: a header, tables of extents and values, the
// constants, then the instructions. docs/decisions/program-format.md describes it. What
// a program says is checked when it is loaded and again for each number of rows, before
// anything runs: a malformed program is an error and never a stray read or write.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace pronghorn {

constexpr int32_t kMagic = 0x4e475250;  // "PRGN"
constexpr int32_t kVersion = 1;
constexpr int kHeaderWords = 16;
constexpr int kExtentWords = 2;
constexpr int kValueWords = 5;
constexpr int64_t kLine = 64;  // bytes; buffers of the arena start at lines
constexpr int kMaxBatchAxes = 4;
constexpr int kMaxCopyAxes = 8;
constexpr int kMaxRegisters = 512;

enum Instruction : int32_t {
#define PH_INSTRUCTION(name) INSTRUCTION_##name,
#include "opcodes.def"
  kInstructions
};

enum LoadKind : int32_t {
#define PH_LOAD(name) LOAD_##name,
#include "opcodes.def"
  kLoadKinds
};

enum Micro : int32_t {
#define PH_MICRO(name, arity) MICRO_##name,
#include "opcodes.def"
  kMicros
};

enum Space : int32_t {
  SPACE_arena,
  SPACE_constant,
  SPACE_state,
  SPACE_input,
  SPACE_output,
  kSpaces
};
enum Dtype : int32_t { DTYPE_float32, DTYPE_int32, DTYPE_bool, kDtypes };
enum Reduction : int32_t { REDUCE_sum, REDUCE_max, REDUCE_argmax, kReductions };

// The size `scale * rows + offset`.
struct Extent {
  int32_t scale, offset;
};

// A buffer: where it is and how many elements it has, 4 bytes each.
struct Value {
  int32_t space;
  int32_t index;   // of the constant's first word, the state, the input or the output
  int32_t line;    // where it lies in the arena (an input: where rows are gathered to)
  int32_t extent;  // number of elements
  int32_t dtype;
};

struct Program {
  const int32_t* words;  // owned
  int32_t n_words;
  int32_t max_rows;
  int64_t arena_bytes;
  int32_t n_extents, n_values, n_constants, n_inputs, n_states, n_outputs;
  int32_t n_instructions;
  int32_t n_first_phase;  // those before it may be interrupted; the rest write state
  int32_t guard;  // the value that must not be 0 for the second phase to run, or -1
  const Extent* extents;
  const Value* values;
  const int32_t* constants;
  const int32_t* code;
  const int32_t* end;
  int32_t* input_values;  // value of each input, state and output
  int32_t* state_values;
  int32_t* output_values;
};

struct Error {
  char text[200];
};

// Says what is wrong and returns false.
bool fail(Error* error, const char* format, ...) __attribute__((format(printf, 2, 3)));

// Reads and checks a program. The words are copied.
bool load_program(const void* bytes, int64_t size, Program* program, Error* error);
void free_program(Program* program);

}  // namespace pronghorn
