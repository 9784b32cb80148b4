// What the executor asks of an instruction set: one table of functions, each of which
// does a part of one planned instruction.
//
// The plans below are an instruction with every size worked out for one number of rows.
// `value` members index the table of buffers in `StepContext`.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../program.h"

namespace pronghorn {

// The first index outside of its range that a step has met; see `GatherPlan`.
struct Fault {
  uint64_t where;  // position << 32 | value as uint32; all ones: none
  int32_t instruction;
};

struct StepContext {
  void* const* pointer;  // of each value
  char* shared;          // scratch that the stages of one instruction share
  uint64_t seed;
  uint32_t step;
  const int32_t* stop;
  Fault* fault;
};

struct ChainLoad {
  int32_t kind, value;
  int32_t bits;    // immediate, extent: what to fill the tile with
  int32_t padded;  // whether the buffer may be read to the end of a vector
  int64_t inner, count;
};

// Whether it is the same for all elements.
static inline bool constant_load(const ChainLoad& l) {
  return l.kind == LOAD_scalar || l.kind == LOAD_immediate || l.kind == LOAD_extent;
}

struct ChainOp {
  int32_t micro, to, a, b, c;
};

struct ChainStore {
  int32_t reg, value;
  int32_t padded;  // whether the buffer may be written to the end of a vector
  int32_t late;    // the old contents are read after the register is written
};

constexpr int kMaxDraws = 16;  // uniform operations in one chain

struct ChainPlan {
  int64_t size, tile, chunk;  // elements: all, in registers at once, per call
  int32_t n_loads, n_ops, n_stores, n_registers;
  int32_t n_draws;         // uniform operations
  int32_t recipe;          // that this chain is, or -1
  bool straight;           // a recipe that reads and writes memory as it lies
  const ChainLoad* loads;  // into registers 0, 1, 2, ...
  const ChainOp* ops;
  const ChainStore* stores;
};

// B is read where it lies; packed panel by panel by every tile, and A if `pack_a`;
// packed once for all tiles, before; A and B both lie along K and are few; or there is
// hardly anything to do; or it is the tile unit's.
enum GemmMode {
  GEMM_direct,
  GEMM_panels,
  GEMM_packed,
  GEMM_dots,
  GEMM_tiny,
  GEMM_tiles
};

struct GemmPlan {
  int32_t a, b, c;
  int64_t m, n, k;
  int64_t a_row, a_col, b_row, b_col, c_row;  // strides in elements
  int32_t n_axes;  // leading axes that are multiplied one by one
  int64_t axis[kMaxBatchAxes], a_axis[kMaxBatchAxes], b_axis[kMaxBatchAxes];
  int64_t c_axis;  // stride of consecutive products in C
  int64_t count;   // products
  int64_t group;   // products of a tile, where a product is one
  int64_t b_size;  // elements of B
  int32_t mode;
  int32_t turned;            // computed as B' A': rows of A are columns
  // A sum over the rows of the batch may be cut along K: so many parts, each of so much
  // of K and the last of the rest, are summed apart, the first in C, and then together.
  // 1: it is not.
  int64_t parts, part_k;
  int64_t from_k;            // where this part begins
  float* apart;              // where it goes; null: C
  int64_t block_m, block_n;  // one tile
  int64_t blocks_m, blocks_n;
  bool pack_a;
  int32_t pack_parts;  // tiles that pack B
  int64_t shared;      // offset of packed B, or of the parts' results
};

struct ReducePlan {
  int32_t in, out, reduction, dtype;
  int64_t outer, mid, inner;
  int64_t group;          // outer indices per tile
  int64_t block, blocks;  // rows of mid per partial result
  int64_t strip, strips;  // inner indices per tile
  int64_t shared;         // offset of the partial results
};

struct CopyPlan {
  int32_t from, to;
  int64_t from_offset, to_offset;
  int32_t n_axes;
  int64_t axis[kMaxCopyAxes], from_axis[kMaxCopyAxes], to_axis[kMaxCopyAxes];
  int64_t rows, group;  // product of all axes but the last; rows per tile
};

// gather: out[o, j, i] = table[o, index[j], i]; scatter: table[o, index[j], i] += in[o,
// j, i]
struct GatherPlan {
  int32_t table, index, rows;  // values; `rows` are read by scatter, written by gather
  int32_t dtype;
  int64_t outer, length, count, inner;  // length of the table, count of indices
  int64_t group, groups;  // gather: (o, j) pairs per tile; scatter: table rows
  int32_t instruction;
};

struct GemmShape {
  int64_t rows, columns;  // of the highest and the widest register tile
  int64_t strip;          // rows of A that are packed together
  // Of the tile unit: rows and columns of C that it sums at once, 0 where there is
  // none, and rows of A that are packed at a time.
  int64_t square, square_rows;
};

// A part of a product: rows [row, row + rows) and columns alike of one of them, or of
// some in a row.
struct GemmTile {
  int64_t product, row, rows, column, columns, products;
};

struct Place {  // of one product
  const float *a, *b, *b_end;  // the end of all of B
  float* c;
};

static inline void locate(const GemmPlan& p, const StepContext& s, int64_t product,
                          Place* at) {
  int64_t a = 0, b = 0, rest = product;
  for (int i = p.n_axes - 1; i >= 0; i--) {
    int64_t index = i ? rest % p.axis[i] : rest;
    if (i) rest /= p.axis[i];
    a += index * p.a_axis[i];
    b += index * p.b_axis[i];
  }
  at->a = (const float*)s.pointer[p.a] + a + p.from_k * p.a_col;
  at->b = (const float*)s.pointer[p.b] + b + p.from_k * p.b_row;
  at->b_end = (const float*)s.pointer[p.b] + p.b_size;
  at->c = p.apart ? p.apart : (float*)s.pointer[p.c] + product * p.c_axis;
}

// Outer indices [first, last), one block of `mid`, one strip of `inner`.
struct ReduceTile {
  int64_t first, last, block, strip;
};

struct Kernels {
  const char* name;
  int64_t lanes;
  bool partial;  // whether a vector may be read and written in part
  int64_t chain_tile;
  GemmShape gemm_shape;
  size_t (*gemm_scratch)(const GemmPlan&);
  // Elements [first, last) of the domain.
  void (*chain)(const ChainPlan&, const StepContext&, int64_t first, int64_t last,
                char* scratch);
  void (*gemm_pack)(const GemmPlan&, const StepContext&, int64_t tile);
  void (*gemm)(const GemmPlan&, const StepContext&, const GemmTile&, char* scratch);
  // Elements [first, last) of C and of what is to be added to them.
  void (*gemm_add)(const GemmPlan&, const StepContext&, int64_t first, int64_t last);
  void (*reduce)(const ReducePlan&, const StepContext&, const ReduceTile&);
  void (*reduce_combine)(const ReducePlan&, const StepContext&, int64_t outer);
  // Rows [first, last) of what is written.
  void (*copy)(const CopyPlan&, const StepContext&, int64_t first, int64_t last);
  void (*gather)(const GatherPlan&, const StepContext&, int64_t first, int64_t last);
  void (*scatter)(const GatherPlan&, const StepContext&, int64_t tile);
};

}  // namespace pronghorn
