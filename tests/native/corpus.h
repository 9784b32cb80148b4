// Programs of the lowering with their data, and running them. `corpus.py` writes them.
#pragma once

#include <string>
#include <vector>

#include "cpu.h"
#include "executor.h"

typedef std::vector<char> Bytes;

struct Case {
  std::string name;
  int64_t rows, batch, passes, seed, step;
  int64_t outcome, steps, fault_position, fault_index;
  double tolerance;
  Bytes program;
  std::vector<int32_t> order;
  std::vector<Bytes> inputs, before, after, outputs;
};

bool read_corpus(const char* path);
const std::vector<Case>& corpus();
// Those whose names start so.
std::vector<const Case*> cases_of(const char* prefix);

// An allocation of exactly so many bytes, at a line: a sanitizer sees what leaves it.
class Block {
 public:
  explicit Block(const Bytes& content);
  explicit Block(size_t bytes);
  Block(Block&& other);
  ~Block();
  char* at;
  size_t size;
};

// One executable, with the memory that it works on.
class Machine {
 public:
  Machine(const Case& c, const pronghorn::Kernels* kernels);
  ~Machine();
  Machine(const Machine&) = delete;
  // Opens a program in place of the case's own; false if it is refused, or if it asks
  // for other arrays than the case has.
  bool open(const Bytes& program);
  bool open() { return open(c.program); }
  // One pass over the rows, on from where the last one ended.
  pronghorn::Outcome pass();
  pronghorn::Outcome pass(int64_t first, int64_t last);
  // All passes of the case.
  pronghorn::Outcome all();
  // The bytes of states and outputs.
  std::vector<Bytes> results() const;

  const Case& c;
  const pronghorn::Kernels* kernels;
  pronghorn::Executable e;
  pronghorn::Run run;
  pronghorn::Error error;
  int64_t steps;  // in all
  std::vector<Block> inputs, states, outputs;
  std::vector<pronghorn::DataArray> data;
  std::vector<pronghorn::OutputArray> out;

 private:
  bool fits() const;
  void bind();
  bool opened;
};

// All instruction sets of this machine.
std::vector<const pronghorn::Kernels*> instruction_sets();
