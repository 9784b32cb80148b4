// Each recipe gives the bits of the interpreter, in place and elsewhere, on any size.
#include "recipes.h"

#include <string.h>

#include "check.h"
#include "corpus.h"

using namespace pronghorn;

namespace {

const int kSizes[] = {0, 1, 3, 7, 8, 9, 15, 16, 17, 63, 65, 1000, 2100};

struct Recipe {
  const char* name;
  int32_t registers, n_loads, n_ops, n_stores;
  const int8_t* loads;
  const RecipeOp* ops;
  const int16_t* stores;
};

template <class T, int N>
int32_t length(const T (&)[N]) {
  return N;
}

const Recipe kRecipes[] = {
#define PH_RECIPE(name, ...)      \
  {#name,                         \
   Recipe_##name::registers,      \
   length(Recipe_##name::loads),  \
   length(Recipe_##name::ops),    \
   length(Recipe_##name::stores), \
   Recipe_##name::loads,          \
   Recipe_##name::ops,            \
   Recipe_##name::stores},
#include "recipes.def"
#undef PH_RECIPE
};

struct Words {
  std::vector<int32_t> all;
  void add(std::initializer_list<int32_t> words) {
    all.insert(all.end(), words.begin(), words.end());
  }
};

// A chain on states: one for each load, then one for each result. In place, results go
// to the states that were loaded, as an optimizer's do.
Words program(const Recipe& r, int32_t size, bool in_place) {
  Words w;
  int32_t states = r.n_loads + r.n_stores;
  w.add({kMagic, kVersion, 0, 1, 0, 2, states, 0, 0, states, 0, 1, 0, -1, 0, 0});
  w.add({0, size, 0, 1});
  for (int32_t i = 0; i < states; i++) {
    bool single = i < r.n_loads && r.loads[i];
    w.add({SPACE_state, i, 0, single, DTYPE_float32});
  }
  size_t start = w.all.size();
  w.add({INSTRUCTION_chain, 0, 0, r.registers, r.n_loads, r.n_ops, r.n_stores});
  for (int32_t i = 0; i < r.n_loads; i++)
    w.add({r.loads[i] ? LOAD_scalar : LOAD_full, i});
  for (int32_t i = 0; i < r.n_ops; i++) {
    const RecipeOp& o = r.ops[i];
    w.add({o.micro, o.to, o.micro == MICRO_uniform ? 40 + i : o.a, o.b, o.c});
  }
  int32_t place = 0;
  for (int32_t i = 0; i < r.n_stores; i++) {
    while (in_place && place < r.n_loads && r.loads[place]) place++;
    bool there = in_place && place < r.n_loads;
    w.add({r.stores[i], there ? place++ : r.n_loads + i});
  }
  w.all[start + 1] = (int32_t)(w.all.size() - start);
  w.all[2] = (int32_t)w.all.size();
  return w;
}

// The same numbers each time: of both signs, zeros, and some large ones.
Bytes numbers(int32_t size, uint32_t seed) {
  Bytes bytes(4 * size);
  for (int32_t i = 0; i < size; i++) {
    uint32_t h = (i + 1) * 2654435761u ^ seed * 40503u;
    float x = (int32_t)(h >> 8 & 0xffff) / 16384.0f - 2;
    if (h % 11 == 0) x = 0;
    if (h % 23 == 0) x *= 50;
    memcpy(&bytes[4 * i], &x, 4);
  }
  return bytes;
}

Case make_case(const Recipe& r, int32_t size, bool in_place) {
  Case c = {};
  c.name = r.name;
  c.rows = c.batch = c.passes = 1;
  c.seed = 9;
  c.step = 3;
  Words w = program(r, size, in_place);
  c.program.assign((char*)w.all.data(), (char*)(w.all.data() + w.all.size()));
  for (int32_t i = 0; i < r.n_loads + r.n_stores; i++)
    c.before.push_back(numbers(i < r.n_loads && r.loads[i] ? 1 : size, i));
  return c;
}

std::vector<Bytes> run_it(const Case& c, const Kernels* kernels, bool recipes) {
  set_recipes(recipes);
  Machine m(c, kernels);
  CHECK(m.open(), "%s: %s", c.name.c_str(), m.error.text);
  const ChainPlan& plan = m.e.plans[0].steps[0].chain;
  CHECK((plan.recipe >= 0) == recipes, "%s is %sa recipe", c.name.c_str(),
        recipes ? "not " : "");
  CHECK(m.pass() == RUN_done, "%s does not run", c.name.c_str());
  set_recipes(true);
  return m.results();
}

}  // namespace

TEST(recipes_have_the_bits_of_the_interpreter) {
  for (const Kernels* kernels : instruction_sets())
    for (const Recipe& r : kRecipes)
      for (int32_t size : kSizes)
        for (bool in_place : {false, true}) {
          Case c = make_case(r, size, in_place);
          CHECK(run_it(c, kernels, true) == run_it(c, kernels, false),
                "%s on %s, %d elements%s: other bits", r.name, kernels->name, size,
                in_place ? " in place" : "");
        }
}
