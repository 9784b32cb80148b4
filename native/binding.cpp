// The Python module `_engine`, in CPython's stable ABI.
#ifndef Py_LIMITED_API
#define Py_LIMITED_API 0x030B0000
#endif
#include <Python.h>
#include <stdlib.h>
#include <string.h>

#include "cpu.h"
#include "epochs.h"
#include "sharing.h"
#include "threads.h"

using namespace pronghorn;

#ifndef PRONGHORN_COMPILER_NAME
#if defined(__clang__)
#define PRONGHORN_COMPILER_NAME "clang"
#else
#define PRONGHORN_COMPILER_NAME "gcc"
#endif
#endif

namespace {

const Kernels* chosen;

// --- buffers

constexpr int kFew = 16;

// Buffers of one call, released at its end. Few of them need no memory of their own.
struct Buffers {
  Py_buffer few[kFew];
  Py_buffer* at = few;
  Py_ssize_t count = 0;
  ~Buffers() {
    for (Py_ssize_t i = 0; i < count; i++) PyBuffer_Release(&at[i]);
    if (at != few) free(at);
  }
  bool reserve(Py_ssize_t n) {  // once, before the first `get`
    if (n > kFew) at = (Py_buffer*)malloc(n * sizeof(Py_buffer));
    if (!at) PyErr_NoMemory();
    return at != nullptr;
  }
  Py_buffer* get(PyObject* array, int flags) {
    Py_buffer* view = &at[count];
    if (PyObject_GetBuffer(array, view, flags | PyBUF_C_CONTIGUOUS | PyBUF_FORMAT))
      return nullptr;
    count++;
    return view;
  }
};

// An array of what the engine's dtype is in NumPy; bool is one byte there.
bool has_format(const Py_buffer& view, int32_t dtype, bool narrow_bool) {
  char format = dtype == DTYPE_int32                 ? 'i'
                : dtype == DTYPE_bool && narrow_bool ? '?'
                                                     : 'f';
  return view.format && view.format[0] == format && !view.format[1];
}

bool wrong(const char* what, Py_ssize_t i, const char* why) {
  PyErr_Format(PyExc_ValueError, "%s %zd: %s", what, i, why);
  return false;
}

// --- the executable

struct Object {
  PyObject_HEAD Executable* e;
  Py_buffer* states;
  Py_ssize_t bound;
  long long steps;
};

void unbind(Object* self) {
  for (Py_ssize_t i = 0; i < self->bound; i++) PyBuffer_Release(&self->states[i]);
  self->bound = 0;
}

void object_dealloc(PyObject* object) {
  Object* self = (Object*)object;
  PyTypeObject* type = Py_TYPE(object);
  unbind(self);
  free(self->states);
  if (self->e) close_executable(self->e);
  free(self->e);
  ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
  Py_DECREF(type);
}

bool bind_one(Object* self, PyObject* array) {
  Py_ssize_t i = self->bound;
  Py_buffer* view = &self->states[i];
  int flags = PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | PyBUF_WRITABLE;
  if (PyObject_GetBuffer(array, view, flags)) return false;
  self->bound++;
  int32_t value = self->e->program.state_values[i];
  if (!has_format(*view, self->e->program.values[value].dtype, false))
    return wrong("state", i, "another dtype than the program's");
  if (view->len != 4 * value_elements(*self->e, value, 1))
    return wrong("state", i, "another size than the program's");
  bind_state(self->e, (int32_t)i, view->buf);
  return true;
}

// Waits for a run in another thread; false with an error if it is this thread's own.
bool enter(Object* self) {
  int busy = pthread_mutex_trylock(&self->e->lock);
  if (busy) {
    PyThreadState* state = PyEval_SaveThread();
    busy = pthread_mutex_lock(&self->e->lock);
    PyEval_RestoreThread(state);
  }
  if (busy) PyErr_SetString(PyExc_RuntimeError, "this executable is running already");
  return !busy;
}

void leave(Object* self) { pthread_mutex_unlock(&self->e->lock); }

// bind(arrays): where the states live, in the program's order.
PyObject* object_bind(PyObject* object, PyObject* arrays) {
  Object* self = (Object*)object;
  if (!enter(self)) return nullptr;
  unbind(self);
  bool good = PySequence_Size(arrays) == self->e->program.n_states;
  if (!good && !PyErr_Occurred())
    PyErr_Format(PyExc_ValueError, "%d states are needed", self->e->program.n_states);
  for (int32_t i = 0; good && i < self->e->program.n_states; i++) {
    PyObject* array = PySequence_GetItem(arrays, i);
    good = array && bind_one(self, array);
    Py_XDECREF(array);
  }
  if (!good) unbind(self);
  leave(self);
  if (!good) return nullptr;
  Py_RETURN_NONE;
}

bool read_data(const Executable& e, PyObject* arrays, Buffers* buffers,
               DataArray* out) {
  int32_t n = e.program.n_inputs;
  if (PySequence_Size(arrays) != n)
    return PyErr_Occurred() ? false : wrong("data", n, "arrays are needed");
  for (int32_t i = 0; i < n; i++) {
    PyObject* array = PySequence_GetItem(arrays, i);
    Py_buffer* view = array ? buffers->get(array, 0) : nullptr;
    Py_XDECREF(array);
    if (!view) return false;
    int32_t value = e.program.input_values[i];
    int32_t dtype = e.program.values[value].dtype;
    if (!has_format(*view, dtype, true))
      return wrong("data", i, "another dtype than the program's");
    bool narrow = dtype == DTYPE_bool;
    int64_t rows = view->ndim ? view->shape[0] : 0, width = value_elements(e, value, 1);
    if (!view->ndim || view->len != rows * width * (narrow ? 1 : 4))
      return wrong("data", i, "rows of another size than the program's");
    out[i] = {(const char*)view->buf, rows, narrow};
  }
  return true;
}

bool read_outputs(const Executable& e, PyObject* arrays, int64_t last, Buffers* buffers,
                  OutputArray* out) {
  int32_t n = e.program.n_outputs;
  Py_ssize_t given = PySequence_Size(arrays);
  if (given < 0) return false;
  if (given != 0 && given != n)
    return wrong("outputs", n, "arrays are needed, or none");
  for (int32_t i = 0; i < n; i++) {
    out[i] = {nullptr, 0, false};
    if (!given) continue;
    PyObject* array = PySequence_GetItem(arrays, i);
    if (!array) return false;
    bool wanted = array != Py_None;
    Py_buffer* view = wanted ? buffers->get(array, PyBUF_WRITABLE) : nullptr;
    Py_DECREF(array);
    if (!wanted) continue;
    if (!view) return false;
    int32_t value = e.program.output_values[i];
    if (!has_format(*view, e.program.values[value].dtype, false))
      return wrong("output", i, "another dtype than the program's");
    bool by_row = e.program.extents[e.program.values[value].extent].scale != 0;
    int64_t size = value_elements(e, value, 1), have = view->len / 4;
    if (by_row ? have < last * size : have != size)
      return wrong("output", i, "another size than the program's");
    out[i] = {(char*)view->buf, have, by_row};
  }
  return true;
}

// Positions [first, last) must name rows that every array has.
bool check_rows(const Executable& e, const Run& r, int64_t positions) {
  if (r.first < 0 || r.last > positions || r.batch_size < 1 ||
      r.batch_size > e.program.max_rows) {
    PyErr_Format(PyExc_ValueError, "positions %lld to %lld of %lld in batches of %lld",
                 (long long)r.first, (long long)r.last, (long long)positions,
                 (long long)r.batch_size);
    return false;
  }
  for (int64_t i = r.first; r.order && i < r.last; i++)
    for (int32_t d = 0; d < e.program.n_inputs; d++)
      if (r.order[i] < 0 || r.order[i] >= r.data[d].count) {
        PyErr_Format(PyExc_ValueError, "order[%lld] is %d: there is no such row",
                     (long long)i, r.order[i]);
        return false;
      }
  return true;
}

bool read_order(PyObject* order, Buffers* buffers, Run* r, int64_t* positions) {
  if (order == Py_None) return true;
  Py_buffer* view = buffers->get(order, 0);
  if (!view) return false;
  if (!has_format(*view, DTYPE_int32, false)) return wrong("order", 0, "not int32");
  r->order = (const int32_t*)view->buf;
  *positions = view->len / 4;
  return true;
}

struct Interpreter {
  PyThreadState* state;
};

// Takes the GIL back for a moment: Ctrl-C becomes an exception here.
bool signal_came(void* argument) {
  Interpreter* python = (Interpreter*)argument;
  PyEval_RestoreThread(python->state);
  bool came = PyErr_CheckSignals() != 0;
  python->state = PyEval_SaveThread();
  return came;
}

// Whether the run's end is an error, which is then set. `epoch` counts those done
// before, `validating` says which of two programs it was.
bool failed(const Run& r, Outcome outcome, int64_t epoch = 0, bool validating = false) {
  if (r.signalled) return true;  // the exception is set
  if (outcome == RUN_error)      // the program does not fit so few rows
    PyErr_SetString(PyExc_BufferError, r.error.text);
  if (outcome == RUN_fault) {
    PyObject* where =
        Py_BuildValue("iLiLLi", r.fault.instruction, (long long)(r.fault.where >> 32),
                      (int)(uint32_t)r.fault.where, (long long)r.rows_from,
                      (long long)epoch, (int)validating);
    if (where) PyErr_SetObject(PyExc_IndexError, where);
    Py_XDECREF(where);
  }
  return outcome == RUN_error || outcome == RUN_fault;
}

// What a run is given, and the buffers that it holds.
struct Call {
  Buffers buffers;
  void* memory = nullptr;
  Run run = {};
  ~Call() { free(memory); }
};

struct Arguments {
  PyObject *data, *order, *first, *last, *batch_size, *seed, *step, *outputs;
};

bool prepare(Object* self, const Arguments& a, Interpreter* python, Call* call) {
  Executable* e = self->e;
  int32_t inputs = e->program.n_inputs, outputs = e->program.n_outputs;
  if (self->bound != e->program.n_states) {
    PyErr_SetString(PyExc_RuntimeError, "the states are not bound");
    return false;
  }
  size_t bytes = inputs * sizeof(DataArray) + outputs * sizeof(OutputArray) + 1;
  call->memory = malloc(bytes);
  if (!call->memory) PyErr_NoMemory();
  if (!call->memory || !call->buffers.reserve(inputs + outputs + 1)) return false;
  DataArray* data = (DataArray*)call->memory;
  OutputArray* out = (OutputArray*)(data + inputs);
  Run& r = call->run;
  r.data = data;
  r.outputs = out;
  r.first = a.first ? PyLong_AsLongLong(a.first) : 0;
  r.last = PyLong_AsLongLong(a.last);
  r.batch_size = PyLong_AsLongLong(a.batch_size);
  r.seed = PyLong_AsUnsignedLongLongMask(a.seed);
  r.step = (uint32_t)PyLong_AsUnsignedLongLongMask(a.step);
  r.interrupted = signal_came;
  r.interrupted_argument = python;
  if (PyErr_Occurred() || !read_data(*e, a.data, &call->buffers, data)) return false;
  int64_t positions = INT64_MAX;
  for (int32_t i = 0; i < inputs; i++)
    if (data[i].count < positions) positions = data[i].count;
  __atomic_store_n(&e->stop, 0, __ATOMIC_SEQ_CST);
  return read_order(a.order, &call->buffers, &r, &positions) &&
         check_rows(*e, r, positions) &&
         read_outputs(*e, a.outputs, r.last, &call->buffers, out);
}

PyObject* run_locked(Object* self, PyObject* const* a) {
  Interpreter python = {};
  Call call;
  Arguments arguments = {a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]};
  if (!prepare(self, arguments, &python, &call)) return nullptr;
  python.state = PyEval_SaveThread();
  Outcome outcome = run(self->e, &call.run);
  PyEval_RestoreThread(python.state);
  self->steps = call.run.steps;
  return failed(call.run, outcome) ? nullptr : PyLong_FromLongLong(call.run.steps);
}

// run(data, order, first, last, batch_size, seed, step, outputs): how many whole steps.
PyObject* object_run(PyObject* object, PyObject* const* args, Py_ssize_t count) {
  if (count != 8) return PyErr_Format(PyExc_TypeError, "run takes 8 arguments");
  Object* self = (Object*)object;
  if (!enter(self)) return nullptr;
  PyObject* result = run_locked(self, args);
  leave(self);
  return result;
}

// --- many epochs

// The arrays of a sequence as spans; `from`, if any, has as many of the same sizes.
Span* read_spans(PyObject* arrays, PyObject* from, Buffers* buffers, int64_t* count) {
  Py_ssize_t n = PySequence_Size(arrays);
  if (n < 0 || (from && PySequence_Size(from) != n)) {
    if (!PyErr_Occurred()) wrong("values", n, "arrays are needed");
    return nullptr;
  }
  Span* spans = (Span*)calloc(n + 1, sizeof(Span));
  if (!spans || !buffers->reserve(2 * n)) {
    free(spans);
    return (Span*)PyErr_NoMemory();
  }
  for (*count = 0; *count < n; ++*count) {
    PyObject* array = PySequence_GetItem(arrays, *count);
    PyObject* value = from ? PySequence_GetItem(from, *count) : nullptr;
    Py_buffer* to = array ? buffers->get(array, from ? PyBUF_WRITABLE : 0) : nullptr;
    Py_buffer* of = value ? buffers->get(value, 0) : nullptr;
    Py_XDECREF(array);
    Py_XDECREF(value);
    bool good = to && (!from || of) && (!of || of->len == to->len);
    if (!good) {
      if (!PyErr_Occurred()) wrong("value", *count, "another size than the array's");
      free(spans);
      return nullptr;
    }
    spans[*count] = {(char*)to->buf, of ? (const char*)of->buf : nullptr, to->len};
  }
  return spans;
}

// What `run_epochs` holds; everything is released at its end.
struct EpochsCall {
  Call training, validation;
  Buffers resets, records, history;
  Epochs epochs = {};
  ~EpochsCall() {
    free(epochs.order);
    free((void*)epochs.resets);
    free((void*)epochs.records);
  }
};

bool read_history(PyObject* history, EpochsCall* call) {
  Epochs& e = call->epochs;
  Py_buffer* view = call->history.get(history, PyBUF_WRITABLE);
  if (!view) return false;
  int64_t row = 0;
  for (int64_t i = 0; i < e.n_records; i++) row += e.records[i].bytes;
  int64_t passes = e.validation ? 2 : 1;
  e.history = (char*)view->buf;
  return view->len == row * passes * e.count
             ? true
             : wrong("history", e.count, "rows of another size");
}

// Arguments of the epochs themselves: first, count, shuffle, targets, initials,
// records, history.
bool read_epochs(PyObject* const* a, EpochsCall* call) {
  Epochs& e = call->epochs;
  e.first = (uint32_t)PyLong_AsUnsignedLongLongMask(a[0]);
  e.count = PyLong_AsLongLong(a[1]);
  int shuffle = PyObject_IsTrue(a[2]);
  if (PyErr_Occurred()) return false;
  Run& r = call->training.run;
  if (shuffle) {
    e.order = r.last <= INT32_MAX ? (int32_t*)malloc(r.last * 4 + 4) : nullptr;
    if (!e.order) return PyErr_NoMemory() != nullptr;
  }
  e.resets = read_spans(a[3], a[4], &call->resets, &e.n_resets);
  if (!e.resets) return false;
  e.records = read_spans(a[5], nullptr, &call->records, &e.n_records);
  return e.records && read_history(a[6], call);
}

PyObject* epochs_locked(Object* self, Object* other, PyObject* const* a) {
  Interpreter python = {};
  EpochsCall call;
  Epochs& e = call.epochs;
  PyObject* none = Py_BuildValue("()");
  if (!none) return nullptr;
  Arguments mine = {a[0], Py_None, nullptr, a[1], a[2], a[3], a[4], none};
  bool good = prepare(self, mine, &python, &call.training);
  e.training = self->e;
  e.run = &call.training.run;
  if (good && other) {
    Arguments its = {a[13], Py_None, nullptr, a[14], a[15], a[3], a[4], none};
    good = prepare(other, its, &python, &call.validation);
    e.validation = other->e;
    e.validation_run = &call.validation.run;
  }
  Py_DECREF(none);
  if (!good || !read_epochs(a + 5, &call)) return nullptr;
  python.state = PyEval_SaveThread();
  Outcome outcome = run_epochs(&e);
  PyEval_RestoreThread(python.state);
  self->steps = e.steps;
  const Run& last = e.validating ? call.validation.run : call.training.run;
  if (failed(last, outcome, e.done, e.validating)) return nullptr;
  return Py_BuildValue("LL", (long long)e.done, (long long)e.steps);
}

// run_epochs(data, rows, batch_size, seed, step, first_epoch, epochs, shuffle, targets,
// initials, records, history[, validation, data, rows, batch_size]): whole epochs, and
// whole steps of one that ended early.
PyObject* object_run_epochs(PyObject* object, PyObject* const* args, Py_ssize_t count) {
  if (count != 12 && count != 16)
    return PyErr_Format(PyExc_TypeError, "run_epochs takes 12 or 16 arguments");
  Object* self = (Object*)object;
  Object* other = count == 16 ? (Object*)args[12] : nullptr;
  if (other && (Py_TYPE(args[12]) != Py_TYPE(object) || other == self))
    return PyErr_Format(PyExc_TypeError, "validation is another Executable");
  if (!enter(self)) return nullptr;
  PyObject* result = nullptr;
  if (!other || enter(other)) {
    result = epochs_locked(self, other, args);
    if (other) leave(other);
  }
  leave(self);
  return result;
}

// stop(): ends a run in another thread before its next whole step.
PyObject* object_stop(PyObject* object, PyObject*) {
  __atomic_store_n(&((Object*)object)->e->stop, 1, __ATOMIC_SEQ_CST);
  Py_RETURN_NONE;
}

// steps(): whole steps of the last run, also of one that was interrupted.
PyObject* object_steps(PyObject* object, PyObject*) {
  return PyLong_FromLongLong(((Object*)object)->steps);
}

// profile(on): times each instruction from now on, or no more.
PyObject* object_profile(PyObject* object, PyObject* on) {
  Object* self = (Object*)object;
  int wanted = PyObject_IsTrue(on);
  if (wanted < 0 || !enter(self)) return nullptr;
  bool good = set_profiled(self->e, wanted);
  leave(self);
  if (!good) return PyErr_NoMemory();
  Py_RETURN_NONE;
}

// spent(): (opcode, nanoseconds, times, flops, bytes) of each input's assembly, with
// the opcode -1, and of each instruction, in order.
PyObject* object_spent(PyObject* object, PyObject*) {
  Object* self = (Object*)object;
  if (!enter(self)) return nullptr;
  const Program& p = self->e->program;
  PyObject* all = PyList_New(0);
  const int32_t* at = p.code;
  int32_t n = self->e->spent ? p.n_inputs + p.n_instructions : 0;
  for (int32_t i = 0; all && i < n; i++) {
    const Spent& s = self->e->spent[i];
    bool input = i < p.n_inputs;
    PyObject* row = Py_BuildValue("iLLdd", input ? -1 : at[0], (long long)s.nanoseconds,
                                  (long long)s.times, s.flops, s.bytes);
    if (!row || PyList_Append(all, row)) Py_CLEAR(all);
    Py_XDECREF(row);
    if (!input) at += at[1];
  }
  leave(self);
  return all;
}

PyMethodDef object_methods[] = {
    {"bind", object_bind, METH_O, "bind(arrays): where the states live."},
    {"run", (PyCFunction)(void (*)(void))object_run, METH_FASTCALL,
     "run(data, order, first, last, batch_size, seed, step, outputs): whole steps "
     "done."},
    {"run_epochs", (PyCFunction)(void (*)(void))object_run_epochs, METH_FASTCALL,
     "run_epochs(...): whole epochs, and whole steps of one that ended early."},
    {"profile", object_profile, METH_O, "profile(on): times each instruction."},
    {"spent", object_spent, METH_NOARGS, "spent(): what each instruction has cost."},
    {"stop", object_stop, METH_NOARGS, "stop(): ends a run in another thread."},
    {"steps", object_steps, METH_NOARGS, "steps(): whole steps of the last run."},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot object_slots[] = {
    {Py_tp_dealloc, (void*)object_dealloc},
    {Py_tp_methods, object_methods},
    {0, nullptr},
};

PyType_Spec object_spec = {
    "pronghorn.backends.native._engine.Executable",         sizeof(Object), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, object_slots,
};

PyObject* object_type;

// --- the module

// load(program): the executable of a program's bytes; ValueError if it is malformed.
PyObject* engine_load(PyObject*, PyObject* program) {
  if (!chosen) {
    PyErr_SetString(PyExc_RuntimeError,
                    "PRONGHORN_ISA names an instruction set that this machine lacks");
    return nullptr;
  }
  Py_buffer view;
  if (PyObject_GetBuffer(program, &view, PyBUF_SIMPLE)) return nullptr;
  PyTypeObject* type = (PyTypeObject*)object_type;
  allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
  Object* self = (Object*)allocate(type, 0);
  if (self) {
    Error error = {};
    self->e = (Executable*)calloc(1, sizeof(Executable));
    bool good = self->e && open_executable(view.buf, view.len, chosen, self->e, &error);
    if (good) {
      self->states =
          (Py_buffer*)calloc(self->e->program.n_states + 1, sizeof(Py_buffer));
      good = self->states != nullptr;
    }
    if (!good) {
      PyErr_SetString(PyExc_ValueError, error.text);
      Py_DECREF((PyObject*)self);
      self = nullptr;
    }
  }
  PyBuffer_Release(&view);
  return (PyObject*)self;
}

bool put(PyObject* dict, const char* key, PyObject* value) {
  bool good = value && PyDict_SetItemString(dict, key, value) == 0;
  Py_XDECREF(value);
  return good;
}

// opcodes(): the numbers of the program format, by name.
PyObject* engine_opcodes(PyObject*, PyObject*) {
  PyObject* all = PyDict_New();
  bool good = all != nullptr;
#define PH_INSTRUCTION(name) \
  good = good && put(all, "instruction." #name, PyLong_FromLong(INSTRUCTION_##name));
#define PH_LOAD(name) \
  good = good && put(all, "load." #name, PyLong_FromLong(LOAD_##name));
#define PH_MICRO(name, arity) \
  good = good && put(all, "micro." #name, PyLong_FromLong(MICRO_##name));
#include "opcodes.def"
  good = good && put(all, "version", PyLong_FromLong(kVersion)) &&
         put(all, "magic", PyLong_FromLong(kMagic)) &&
         put(all, "max_registers", PyLong_FromLong(kMaxRegisters)) &&
         put(all, "max_draws", PyLong_FromLong(kMaxDraws)) &&
         put(all, "max_batch_axes", PyLong_FromLong(kMaxBatchAxes)) &&
         put(all, "max_copy_axes", PyLong_FromLong(kMaxCopyAxes));
  if (!good) Py_CLEAR(all);
  return all;
}

// info(): how this engine was built and what it runs on.
PyObject* engine_info(PyObject*, PyObject*) {
  PyObject* isas = PyList_New(0);
  for (const Kernels* const* k = available_kernels(); isas && *k; k++) {
    PyObject* name = PyUnicode_FromString((*k)->name);
    if (!name || PyList_Append(isas, name)) Py_CLEAR(isas);
    Py_XDECREF(name);
  }
  return isas ? Py_BuildValue("{sssNsssi}", "compiler",
                              PRONGHORN_COMPILER_NAME " (" __VERSION__ ")", "isas",
                              isas, "isa", chosen ? chosen->name : "", "threads",
                              pool_threads())
              : nullptr;
}

// set_threads(n): how many threads share the work from now on.
PyObject* engine_set_threads(PyObject*, PyObject* argument) {
  long n = PyLong_AsLong(argument);
  if (PyErr_Occurred()) return nullptr;
  if (n < 1 || n > kMaxThreads)
    return PyErr_Format(PyExc_ValueError, "1 to %d threads", kMaxThreads);
  PyThreadState* state = PyEval_SaveThread();
  pool_set_threads((int)n);
  PyEval_RestoreThread(state);
  Py_RETURN_NONE;
}

// test_sharing(threshold, helping): from how many nanoseconds work is shared, and
// whether workers that are done help the others. For tests.
PyObject* engine_test_sharing(PyObject*, PyObject* args) {
  double threshold;
  int helping;
  if (!PyArg_ParseTuple(args, "dp", &threshold, &helping)) return nullptr;
  set_parallel_threshold((float)threshold);
  pool_set_helping(helping);
  Py_RETURN_NONE;
}

// tiles_done(): how many tiles of shared work each worker has done since the start.
PyObject* engine_tiles_done(PyObject*, PyObject*) {
  int threads = pool_threads();
  PyObject* counts = PyList_New(threads);
  for (int i = 0; counts && i < threads; i++) {
    PyObject* count = PyLong_FromLongLong(pool_tiles_done(i));
    if (!count || PyList_SetItem(counts, i, count)) Py_CLEAR(counts);
  }
  return counts;
}

// permutation(seed, epoch, out): fills an int32 array with the order of an epoch's
// rows.
PyObject* engine_permutation(PyObject*, PyObject* args) {
  PyObject *seed, *epoch, *out;
  if (!PyArg_ParseTuple(args, "OOO", &seed, &epoch, &out)) return nullptr;
  uint64_t key = PyLong_AsUnsignedLongLongMask(seed);
  uint32_t number = (uint32_t)PyLong_AsUnsignedLongLongMask(epoch);
  if (PyErr_Occurred()) return nullptr;
  Buffers buffers;
  Py_buffer* view = buffers.get(out, PyBUF_WRITABLE);
  if (!view) return nullptr;
  if (!has_format(*view, DTYPE_int32, false) || view->len / 4 > INT32_MAX) {
    wrong("out", 0, "not int32");
    return nullptr;
  }
  int32_t n = (int32_t)(view->len / 4);
  PyThreadState* state = PyEval_SaveThread();
  bool good = permutation(key, number, n, (int32_t*)view->buf);
  PyEval_RestoreThread(state);
  if (!good) return PyErr_NoMemory();
  Py_RETURN_NONE;
}

PyMethodDef engine_methods[] = {
    {"load", engine_load, METH_O,
     "load(program): the executable of a program's bytes."},
    {"info", engine_info, METH_NOARGS, "info(): compiler, instruction sets, threads."},
    {"opcodes", engine_opcodes, METH_NOARGS,
     "opcodes(): numbers of the program format."},
    {"set_threads", engine_set_threads, METH_O, "set_threads(n)"},
    {"permutation", engine_permutation, METH_VARARGS, "permutation(seed, epoch, out)"},
    {"tiles_done", engine_tiles_done, METH_NOARGS,
     "tiles_done(): tiles of each worker."},
    {"test_sharing", engine_test_sharing, METH_VARARGS,
     "test_sharing(threshold, helping)"},
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef engine_module = {
    PyModuleDef_HEAD_INIT,
    "_engine",
    "Pronghorn's native engine.",
    -1,
    engine_methods,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
};

}  // namespace

PyMODINIT_FUNC PyInit__engine(void) {
  chosen = choose_kernels(getenv("PRONGHORN_ISA"));
  PyObject* module = PyModule_Create(&engine_module);
  if (!module) return nullptr;
  object_type = PyType_FromSpec(&object_spec);
  if (!object_type || PyModule_AddObject(module, "Executable", object_type)) {
    Py_XDECREF(object_type);
    Py_DECREF(module);
    return nullptr;
  }
  Py_INCREF(object_type);
  return module;
}
