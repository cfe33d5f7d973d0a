#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* How many spaces there are in a text. */
static PyObject *spaces(PyObject *self, PyObject *args)
{
    const char *text;
    Py_ssize_t length;
    if (!PyArg_ParseTuple(args, "s#", &text, &length)) return NULL;
    long found = 0;
    for (Py_ssize_t i = 0; i < length; i++) found += text[i] == ' ';
    return PyLong_FromLong(found);
}

static PyMethodDef methods[] = {{"spaces", spaces, METH_VARARGS, "Counts spaces."}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "tally", NULL, -1, methods};

PyMODINIT_FUNC PyInit_tally(void)
{
    return PyModule_Create(&module);
}
