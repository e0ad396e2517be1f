/* A stand-in for libnvidia-ml.so.1, for tests: what it answers stands in a text
 * file beside it, LIBRARY.values, which is read anew at every call, so that a
 * test changes a GPU while it is watched. gputest.go writes that file and tells
 * what its keys mean. It is compiled against the header of go-nvml, so that a
 * signature that differs from NVIDIA's does not build. */
#define _GNU_SOURCE
#define NVML_NO_UNVERSIONED_FUNC_DEFS 1
#include "nvml.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define GPUS 16
#define PARTS 7
#define NONE 0xFFFFFFFFu

struct nvmlDevice_st {
  int gpu;
  int part; /* of a MIG device its number, else -1 */
};
struct nvmlEventSet_st {
  long seen;
};
static struct nvmlDevice_st whole[GPUS], parts[GPUS][PARTS];

/* Defined nowhere: calling it is what calling a function does that an older
 * driver lacks. */
extern void nvmlOfAnotherDriver(void);

/* value finds the last line KEY=VALUE. */
static int value(const char *key, char *out, size_t size) {
  char file[4096], line[8192];
  size_t length = strlen(key);
  Dl_info self;
  FILE *f;
  int found = 0;
  if (!dladdr((void *)nvmlErrorString, &self)) return 0;
  snprintf(file, sizeof file, "%s.values", self.dli_fname);
  if (!(f = fopen(file, "re"))) return 0;
  while (fgets(line, sizeof line, f)) {
    if (strncmp(line, key, length) || line[length] != '=') continue;
    line[strcspn(line, "\n")] = 0;
    snprintf(out, size, "%s", line + length + 1);
    found = 1;
  }
  fclose(f);
  return found;
}

static long long number(const char *key, long long otherwise) {
  char text[64];
  return value(key, text, sizeof text) ? strtoll(text, NULL, 0) : otherwise;
}

static void rest(long milliseconds) {
  struct timespec t = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  nanosleep(&t, NULL);
}

/* does tells whether behaviour KEY is asked of FUNCTION. */
static int does(const char *key, const char *function) {
  char name[128];
  return value(key, name, sizeof name) && (!strcmp(name, function) || !strcmp(name, "*"));
}

/* enter is the start of every function: it misbehaves as it was told to, and
 * gives the error to return. */
static nvmlReturn_t enter(const char *function) {
  char key[160];
  while (does("hang", function)) rest(5);
  if (does("crash", function)) *(volatile int *)8 = 1;
  if (does("undefined", function)) nvmlOfAnotherDriver();
  if (does("noise", function)) { printf("NVML: a word on the standard output\n"); fflush(stdout); }
  if (does("complaint", function)) fprintf(stderr, "NVML: a word on the standard error\n");
  snprintf(key, sizeof key, "fail.%s", function);
  return (nvmlReturn_t)number(key, 0);
}
#define ENTER() do { nvmlReturn_t code = enter(__func__); if (code) return code; } while (0)

static void name_key(char *out, size_t size, nvmlDevice_t d, const char *key) {
  if (d.handle->part < 0) snprintf(out, size, "%d.%s", d.handle->gpu, key);
  else snprintf(out, size, "%d.mig.%d.%s", d.handle->gpu, d.handle->part, key);
}

static int of_device(nvmlDevice_t d, const char *key, char *out, size_t size) {
  char full[200];
  name_key(full, sizeof full, d, key);
  return value(full, out, size);
}

/* enter_device is enter for a function about one GPU, which may be lost. */
static nvmlReturn_t enter_device(const char *function, nvmlDevice_t d) {
  nvmlReturn_t code;
  char key[200], fail[160];
  if (!d.handle || d.handle->gpu < 0 || d.handle->gpu >= GPUS) return NVML_ERROR_INVALID_ARGUMENT;
  snprintf(key, sizeof key, "%d.lost", d.handle->gpu);
  if ((code = (nvmlReturn_t)number(key, 0))) return code;
  if ((code = enter(function))) return code;
  snprintf(fail, sizeof fail, "fail.%s", function);
  name_key(key, sizeof key, d, fail);
  return (nvmlReturn_t)number(key, 0);
}
#define ENTER_DEVICE(d) do { nvmlReturn_t code = enter_device(__func__, d); if (code) return code; } while (0)

/* metric is a number of a GPU; what the file does not know is not supported. */
static nvmlReturn_t metric(nvmlDevice_t d, const char *key, long long *out) {
  char text[64];
  if (!of_device(d, key, text, sizeof text)) return NVML_ERROR_NOT_SUPPORTED;
  *out = strtoll(text, NULL, 0);
  return NVML_SUCCESS;
}
#define METRIC(FUNCTION, TYPE, KEY)                      \
  nvmlReturn_t FUNCTION(nvmlDevice_t d, TYPE *out) {     \
    long long n = 0;                                     \
    nvmlReturn_t r;                                      \
    ENTER_DEVICE(d);                                     \
    if (!(r = metric(d, KEY, &n))) *out = (TYPE)n;       \
    return r;                                            \
  }

static nvmlReturn_t string(nvmlDevice_t d, const char *key, char *out, unsigned int size, const char *otherwise) {
  if (!of_device(d, key, out, size)) snprintf(out, size, otherwise, d.handle->gpu, d.handle->part);
  return NVML_SUCCESS;
}

/* The library itself. */

nvmlReturn_t nvmlInit_v2(void) {
  ENTER();
  for (int i = 0; i < GPUS; i++) {
    whole[i].gpu = i;
    whole[i].part = -1;
    for (int j = 0; j < PARTS; j++) parts[i][j].gpu = i, parts[i][j].part = j;
  }
  return NVML_SUCCESS;
}
nvmlReturn_t nvmlShutdown(void) { ENTER(); return NVML_SUCCESS; }
const char *nvmlErrorString(nvmlReturn_t code) { (void)code; return "an error of the stand-in"; }
nvmlReturn_t nvmlSystemGetDriverVersion(char *out, unsigned int size) {
  ENTER();
  if (!value("driver", out, size)) snprintf(out, size, "580.82.09");
  return NVML_SUCCESS;
}
nvmlReturn_t nvmlSystemGetNVMLVersion(char *out, unsigned int size) {
  ENTER();
  if (!value("nvml", out, size)) snprintf(out, size, "13.580.82.09");
  return NVML_SUCCESS;
}
nvmlReturn_t nvmlSystemGetCudaDriverVersion(int *out) { ENTER(); *out = (int)number("cuda", 13000); return NVML_SUCCESS; }
nvmlReturn_t nvmlDeviceGetCount_v2(unsigned int *out) { ENTER(); *out = (unsigned int)number("count", 1); return NVML_SUCCESS; }
nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned int i, nvmlDevice_t *out) {
  if (i >= (unsigned int)number("count", 1) || i >= GPUS) return NVML_ERROR_INVALID_ARGUMENT;
  out->handle = &whole[i];
  ENTER_DEVICE(*out);
  return NVML_SUCCESS;
}

/* One GPU. */

nvmlReturn_t nvmlDeviceGetName(nvmlDevice_t d, char *out, unsigned int size) { ENTER_DEVICE(d); return string(d, "name", out, size, "Stand-in GPU"); }
nvmlReturn_t nvmlDeviceGetUUID(nvmlDevice_t d, char *out, unsigned int size) {
  ENTER_DEVICE(d);
  return string(d, "uuid", out, size, d.handle->part < 0 ? "GPU-stand-in-%d" : "MIG-stand-in-%d-%d");
}
nvmlReturn_t nvmlDeviceGetPciInfo_v3(nvmlDevice_t d, nvmlPciInfo_t *out) {
  ENTER_DEVICE(d);
  memset(out, 0, sizeof *out);
  return string(d, "bus", out->busId, sizeof out->busId, "00000000:%02X:00.0");
}
static void memory(nvmlDevice_t d, unsigned long long *total, unsigned long long *used, unsigned long long *reserved) {
  long long n;
  *total = metric(d, "memory.total", &n) ? 24ull << 30 : (unsigned long long)n;
  *used = metric(d, "memory.used", &n) ? 0 : (unsigned long long)n;
  *reserved = metric(d, "memory.reserved", &n) ? 0 : (unsigned long long)n;
}
nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t d, nvmlMemory_t *out) {
  unsigned long long reserved;
  ENTER_DEVICE(d);
  memory(d, &out->total, &out->used, &reserved);
  out->used += reserved;
  out->free = out->total - out->used;
  return NVML_SUCCESS;
}
nvmlReturn_t nvmlDeviceGetMemoryInfo_v2(nvmlDevice_t d, nvmlMemory_v2_t *out) {
  ENTER_DEVICE(d);
  if (out->version != nvmlMemory_v2) return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
  memory(d, &out->total, &out->used, &out->reserved);
  out->free = out->total - out->used - out->reserved;
  return NVML_SUCCESS;
}
nvmlReturn_t nvmlDeviceGetTemperature(nvmlDevice_t d, nvmlTemperatureSensors_t sensor, unsigned int *out) {
  long long n = 0;
  nvmlReturn_t r;
  ENTER_DEVICE(d);
  if (sensor != NVML_TEMPERATURE_GPU) return NVML_ERROR_INVALID_ARGUMENT;
  if (!(r = metric(d, "temperature", &n))) *out = (unsigned int)n;
  return r;
}
nvmlReturn_t nvmlDeviceGetTemperatureV(nvmlDevice_t d, nvmlTemperature_t *out) {
  long long n = 0;
  nvmlReturn_t r;
  ENTER_DEVICE(d);
  if (out->version != nvmlTemperature_v1) return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
  if (!(r = metric(d, "temperature", &n))) out->temperature = (int)n;
  return r;
}
nvmlReturn_t nvmlDeviceGetTemperatureThreshold(nvmlDevice_t d, nvmlTemperatureThresholds_t which, unsigned int *out) {
  long long n = 0;
  nvmlReturn_t r;
  ENTER_DEVICE(d);
  switch (which) {
  case NVML_TEMPERATURE_THRESHOLD_SLOWDOWN: r = metric(d, "slowdown", &n); break;
  case NVML_TEMPERATURE_THRESHOLD_SHUTDOWN: r = metric(d, "shutdown", &n); break;
  default: r = NVML_ERROR_NOT_SUPPORTED;
  }
  if (!r) *out = (unsigned int)n;
  return r;
}
nvmlReturn_t nvmlDeviceGetUtilizationRates(nvmlDevice_t d, nvmlUtilization_t *out) {
  long long gpu = 0, mem = 0;
  nvmlReturn_t r;
  ENTER_DEVICE(d);
  if ((r = metric(d, "utilisation", &gpu))) return r;
  if (metric(d, "utilisation.memory", &mem)) mem = 0;
  out->gpu = (unsigned int)gpu;
  out->memory = (unsigned int)mem;
  return NVML_SUCCESS;
}
METRIC(nvmlDeviceGetPowerUsage, unsigned int, "power")
METRIC(nvmlDeviceGetEnforcedPowerLimit, unsigned int, "power.limit")
METRIC(nvmlDeviceGetFanSpeed, unsigned int, "fan")
METRIC(nvmlDeviceGetCurrentClocksEventReasons, unsigned long long, "throttle")
METRIC(nvmlDeviceGetCurrentClocksThrottleReasons, unsigned long long, "throttle")
nvmlReturn_t nvmlDeviceGetTotalEccErrors(nvmlDevice_t d, nvmlMemoryErrorType_t type, nvmlEccCounterType_t counter, unsigned long long *out) {
  long long n = 0;
  nvmlReturn_t r;
  ENTER_DEVICE(d);
  if (type != NVML_MEMORY_ERROR_TYPE_UNCORRECTED || counter != NVML_VOLATILE_ECC) return NVML_ERROR_INVALID_ARGUMENT;
  if (!(r = metric(d, "ecc", &n))) *out = (unsigned long long)n;
  return r;
}
/* N.rows=CORRECTABLE,UNCORRECTABLE,PENDING,FAILED */
nvmlReturn_t nvmlDeviceGetRemappedRows(nvmlDevice_t d, unsigned int *correctable, unsigned int *uncorrectable, unsigned int *pending, unsigned int *failed) {
  char text[128];
  ENTER_DEVICE(d);
  if (!of_device(d, "rows", text, sizeof text)) return NVML_ERROR_NOT_SUPPORTED;
  if (sscanf(text, "%u,%u,%u,%u", correctable, uncorrectable, pending, failed) != 4) return NVML_ERROR_UNKNOWN;
  return NVML_SUCCESS;
}

/* N.processes=PID:BYTES,PID:? */
static nvmlReturn_t processes(nvmlDevice_t d, const char *key, unsigned int *count, nvmlProcessInfo_t *out) {
  char text[8000], *at = text;
  unsigned int room = *count, n = 0;
  if (!of_device(d, key, text, sizeof text)) text[0] = 0;
  for (; *at; n++) {
    unsigned long pid = strtoul(at, &at, 10);
    unsigned long long bytes = NVML_VALUE_NOT_AVAILABLE;
    if (*at == ':' && at[1] != '?') bytes = strtoull(at + 1, &at, 10);
    else if (*at == ':') at += 2;
    if (n < room) {
      out[n].pid = (unsigned int)pid;
      out[n].usedGpuMemory = bytes;
      out[n].gpuInstanceId = d.handle->part < 0 ? NONE : (unsigned int)d.handle->part + 1;
      out[n].computeInstanceId = d.handle->part < 0 ? NONE : 0;
    }
    if (*at == ',') at++;
    else if (*at) return NVML_ERROR_UNKNOWN;
  }
  *count = n;
  return n > room ? NVML_ERROR_INSUFFICIENT_SIZE : NVML_SUCCESS;
}
nvmlReturn_t nvmlDeviceGetComputeRunningProcesses_v3(nvmlDevice_t d, unsigned int *count, nvmlProcessInfo_t *out) { ENTER_DEVICE(d); return processes(d, "processes", count, out); }
nvmlReturn_t nvmlDeviceGetGraphicsRunningProcesses_v3(nvmlDevice_t d, unsigned int *count, nvmlProcessInfo_t *out) { ENTER_DEVICE(d); return processes(d, "graphics", count, out); }
nvmlReturn_t nvmlDeviceGetMPSComputeRunningProcesses_v3(nvmlDevice_t d, unsigned int *count, nvmlProcessInfo_t *out) { ENTER_DEVICE(d); return processes(d, "mps", count, out); }

/* A GPU that is cut up: N.mig=HOW MANY PARTS, 0 for a GPU that could be. */

nvmlReturn_t nvmlDeviceGetMigMode(nvmlDevice_t d, unsigned int *current, unsigned int *pending) {
  long long n = 0;
  nvmlReturn_t r;
  ENTER_DEVICE(d);
  if (!(r = metric(d, "mig", &n))) *current = *pending = n > 0;
  return r;
}
nvmlReturn_t nvmlDeviceGetMaxMigDeviceCount(nvmlDevice_t d, unsigned int *out) {
  ENTER_DEVICE(d);
  *out = PARTS;
  return NVML_SUCCESS;
}
nvmlReturn_t nvmlDeviceGetMigDeviceHandleByIndex(nvmlDevice_t d, unsigned int i, nvmlDevice_t *out) {
  long long n = 0;
  ENTER_DEVICE(d);
  if (metric(d, "mig", &n) || i >= PARTS || i >= (unsigned int)n) return NVML_ERROR_NOT_FOUND;
  out->handle = &parts[d.handle->gpu][i];
  return NVML_SUCCESS;
}
nvmlReturn_t nvmlDeviceGetGpuInstanceId(nvmlDevice_t d, unsigned int *out) { ENTER_DEVICE(d); *out = (unsigned int)d.handle->part + 1; return NVML_SUCCESS; }
nvmlReturn_t nvmlDeviceGetComputeInstanceId(nvmlDevice_t d, unsigned int *out) { ENTER_DEVICE(d); *out = 0; return NVML_SUCCESS; }

/* Events: event.1=GPU:XID, event.2=…; a set hears of those that come after it
 * was made. GPU -1 is an event of no known GPU. */

static long newest(void) {
  char key[40], text[64];
  long n = 0;
  do snprintf(key, sizeof key, "event.%ld", n + 1); while (value(key, text, sizeof text) && ++n);
  return n;
}
nvmlReturn_t nvmlEventSetCreate(nvmlEventSet_t *out) {
  ENTER();
  if (!(out->handle = calloc(1, sizeof *out->handle))) return NVML_ERROR_MEMORY;
  out->handle->seen = newest();
  return NVML_SUCCESS;
}
nvmlReturn_t nvmlDeviceGetSupportedEventTypes(nvmlDevice_t d, unsigned long long *out) {
  long long n = 0;
  ENTER_DEVICE(d);
  *out = metric(d, "events", &n) ? nvmlEventTypeXidCriticalError | nvmlEventTypeClock : (unsigned long long)n;
  return NVML_SUCCESS;
}
nvmlReturn_t nvmlDeviceRegisterEvents(nvmlDevice_t d, unsigned long long types, nvmlEventSet_t set) {
  (void)set;
  ENTER_DEVICE(d);
  return types & ~(unsigned long long)(nvmlEventTypeXidCriticalError | nvmlEventTypeClock) ? NVML_ERROR_NOT_SUPPORTED : NVML_SUCCESS;
}
nvmlReturn_t nvmlEventSetWait_v2(nvmlEventSet_t set, nvmlEventData_t *out, unsigned int milliseconds) {
  for (unsigned int waited = 0;; waited += 5) {
    char key[40], text[64];
    int gpu;
    unsigned long long xid;
    ENTER();
    snprintf(key, sizeof key, "event.%ld", set.handle->seen + 1);
    if (value(key, text, sizeof text)) {
      set.handle->seen++;
      if (sscanf(text, "%d:%llu", &gpu, &xid) != 2) return NVML_ERROR_UNKNOWN;
      memset(out, 0, sizeof *out);
      out->device.handle = gpu < 0 || gpu >= GPUS ? NULL : &whole[gpu];
      out->eventType = nvmlEventTypeXidCriticalError;
      out->eventData = xid;
      out->gpuInstanceId = out->computeInstanceId = NONE;
      return NVML_SUCCESS;
    }
    if (waited >= milliseconds) return NVML_ERROR_TIMEOUT;
    rest(5);
  }
}
nvmlReturn_t nvmlEventSetFree(nvmlEventSet_t set) { ENTER(); free(set.handle); return NVML_SUCCESS; }
