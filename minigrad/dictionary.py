"""What other libraries call it, and how it is written here, row by row: data for messages.

A row is two programs that do the same, PyTorch's (or NumPy's, Keras's, JAX's) and ours;
tests run both. x and y are matrices, b a batch of them, v a vector, t targets in [0, 1], p
probabilities, i indices, m a mask, labels whole numbers, model a network, f a function.

>>> rows(METHODS)["view"]
('x.view(3, 2)', 'x.reshape(3, 2)')
"""
import functools
import re

METHODS = """
x.add(y)                        x + y
x.add_(y)                       with mg.no_grad(): x += y
x.amax(1)                       np.max(x, axis=1)
x.amin(1)                       np.min(x, axis=1)
b.bmm(b)                        b @ b
x.bool()                        x != 0
x.chunk(2, 1)                   np.array_split(x, 2, axis=1)
x.clamp(1, 2)                   np.clip(x, 1, 2)
x.clamp_(1, 2)                  with mg.no_grad(): x[...] = np.clip(x, 1, 2)
x.clamp_max(1)                  np.minimum(x, 1)
x.clamp_min(1)                  np.maximum(x, 1)
x.clone()                       x.copy()
x.compress([True, False], 0)    np.compress([True, False], x, axis=0)
x.contiguous()                  x  # NumPy takes any layout
x.copy_(y)                      with mg.no_grad(): x[...] = y
x.cpu()                         x  # there is one device
x.cuda()                        x  # there is one device
x.detach_()                     x = x.detach()
x.device                        "cpu"  # there is one
x.dim()                         x.ndim
x.dist(y)                       np.linalg.norm(x - y)
x.div(y)                        x/y
x.div_(y)                       with mg.no_grad(): x /= y
x.double()                      x.astype(np.float64)
x.element_size()                x.itemsize
x.eq(y)                         x == y
x.erf()                         mg.primitives.special.erf(x)
v.expand(2, 3)                  np.broadcast_to(v, (2, 3))
v.expand_as(x)                  np.broadcast_to(v, x.shape)
x.fill(2.0)                     with mg.no_grad(): x[...] = 2.0
x.fill_(2.0)                    with mg.no_grad(): x[...] = 2.0
x.flat                          np.ravel(x)
x.float()                       x.astype(np.float32)
x.gather(1, i)                  np.take_along_axis(x, i, axis=1)
x.ge(y)                         x >= y
x.grad_fn                       repr(x)  # names the function that made it
x.gt(y)                         x > y
x.half()                        x.astype(np.float16)
x.is_cuda                       False  # there is one device
x.index_select(0, labels)       np.take(x, labels, axis=0)
x.int()                         x.numpy().astype(np.int32)
b.inverse()                     np.linalg.inv(b)
x.le(y)                         x <= y
x.lerp(y, 0.5)                  x + 0.5*(y - x)
x.log_softmax(1)                nn.log_softmax(x, axis=1)
x.logsumexp(1)                  nn.logsumexp(x, axis=1)
x.long()                        x.numpy().astype(np.int64)
x.lt(y)                         x < y
x.masked_fill(m, 0.0)           np.where(m, 0.0, x)
x.masked_fill_(m, 0.0)          with mg.no_grad(): x[m] = 0.0
x.masked_select(m)              x[m]
x.matmul(y.T)                   x @ y.T
x.mm(y.T)                       x @ y.T
b.movedim(0, 2)                 np.moveaxis(b, 0, 2)
x.mul(y)                        x*y
x.mul_(y)                       with mg.no_grad(): x *= y
x.mv(v)                         x @ v
x.narrow(1, 0, 2)               x[:, 0:2]
x.ne(y)                         x != y
x.neg()                         -x
x.nelement()                    x.size
x.new_tensor(t)                 mg.tensor(t)
x.new_zeros(3)                  np.zeros(3, x.dtype)
x.norm()                        np.linalg.norm(x)
x.normal_()  with mg.no_grad(): x[...] = np.random.default_rng().normal(size=x.shape)
x.numel()                       x.size
x.partition(1)                  np.partition(x, 1)
x.permute(1, 0)                 x.transpose(1, 0)
x.pow(2)                        x**2
x.put(0, 1.0)  np.where(np.arange(x.size).reshape(x.shape) == 0, 1.0, x)
x.register_hook(f)              mg.grad(f)(x.numpy())  # for f of x
x.relu()                        nn.relu(x)
x.repeat(2, 1)                  np.tile(x, (2, 1))  # NumPy's is np.repeat(x, 2, axis=0)
x.repeat_interleave(2, 1)       np.repeat(x, 2, axis=1)
x.requires_grad_(True)          x.requires_grad = True
x.reshape_as(y)                 x.reshape(y.shape)
x.resize(3, 2)                  x.reshape(3, 2)
x.retain_grad()                 mg.grad(f)(x.numpy())  # for f of x
x.rsqrt()                       1/np.sqrt(x)
x.scatter(1, i, 0.0)  np.where(np.any(i[:, :, None] == np.arange(3), 1), 0.0, x)
x.scatter_(1, i, 0.0)           with mg.no_grad(): x[np.arange(2)[:, None], i] = 0.0
x.select(1, 0)                  x[:, 0]
x.sigmoid()                     nn.sigmoid(x)
x.softmax(1)                    nn.softmax(x, axis=1)
x.sort().values                 np.sort(x)
x.split(2, 1)                   np.split(x, [2], axis=1)
x.sub(y)                        x - y
x.sub_(y)                       with mg.no_grad(): x -= y
x.swapdims(0, 1)                np.swapaxes(x, 0, 1)
x.t()                           x.T
x.to(torch.float32)             x.astype(np.float32)
x.topk(2).values                np.sort(x)[:, ::-1][:, :2]
x.type(torch.float32)           x.astype(np.float32)
x.type_as(y)                    x.astype(y.dtype)
x.unbind()                      list(x)
x.uniform_()  with mg.no_grad(): x[...] = np.random.default_rng().uniform(size=x.shape)
x.unsqueeze(0)                  np.expand_dims(x, 0)
x.view(3, 2)                    x.reshape(3, 2)
x.view_as(y)                    x.reshape(y.shape)
x.where(m, y)                   np.where(m, x, y)
x.zero_()                       with mg.no_grad(): x[...] = 0
"""
FUNCTIONS = """
np.array(t)                     mg.tensor(t)
torch.autograd.grad(f(x), x)[0]  mg.grad(f)(x.numpy())
torch.cat([x, y], 1)            np.concatenate([x, y], axis=1)
torch.clamp(x, 1, 2)            np.clip(x, 1, 2)
jax.jacrev(f)(x)                mg.jacobian(f)(x.numpy())
jax.jit(f)(x)                   mg.compile(f)(x)
jax.vmap(f)(x)                  np.stack([f(row) for row in x])
torch.enable_grad()             mg.no_grad()  # outside of it gradients are recorded
torch.inference_mode()          mg.no_grad()
torch.set_grad_enabled(False)   mg.no_grad()  # in a with statement
torch.cuda.is_available()       False  # there is one device, the CPU
torch.device("cpu")             "cpu"  # there is one
torch.flatten(x)                np.ravel(x)
torch.from_numpy(t)             mg.tensor(t)
torch.as_tensor(t)              mg.tensor(t)
torch.func.grad(f)(x)           mg.grad(f)(x.numpy())
torch.is_tensor(x)              isinstance(x, mg.Tensor)
torch.manual_seed(0)            mg.manual_seed(0)
torch.ones(2, 3)                np.ones((2, 3))
torch.optim.SGD([x])            import optim; optim.SGD([x])
torch.rand(2, 3)                np.random.default_rng().random((2, 3))
torch.randint(0, 9, (2, 3))     np.random.default_rng().integers(0, 9, (2, 3))
torch.randn(2, 3)               np.random.default_rng().standard_normal((2, 3))
torch.randperm(5)               np.random.default_rng().permutation(5)
torch.utils.data                mg.data.batches(x, labels, 2)
torch.zeros(2, 3)               np.zeros((2, 3))
"""
LAYERS = """
nn.Dense(2)                     nn.Linear(3, 2)
nn.Hardswish()(x)               x*nn.relu6(x + 3)/6
nn.Mish()(x)                    x*np.tanh(nn.softplus(x))
nn.Parameter(x)                 mg.tensor(x.numpy(), requires_grad=True)
nn.functional.relu(x)           nn.relu(x)
"""
LOADERS = """
data.DataLoader(x, 2)           mg.data.batches(x, labels, 2)
data.Dataset                    mg.data.batches(x, labels, 2)
data.TensorDataset(x, labels)   mg.data.batches(x, labels, 2)
"""
MODULES = """
model.cpu()                     model  # there is one device
model.cuda()                    model  # there is one device
model.to("cpu")                 model  # there is one device
model.summary()                 nn.summary(model)
model.double()                  nn.Linear(3, 2, dtype=np.float64)
model.evaluate(x, labels)       nn.cross_entropy(model(x.astype(np.float32)), labels)
model.fit(x, labels)   optim.fit(model, (x, labels), optim.Adam(model.parameters()))
model.float()                   model  # float32, unless another was asked for
model.half()                    nn.Linear(3, 2, dtype=np.float16)
model.add(nn.ReLU())            model.append(nn.ReLU())
model.add_module("head", model)  setattr(model, "head", nn.Linear(3, 2))
model.predict(x)                np.argmax(model(x.astype(np.float32)), axis=1)
model.bfloat16()                nn.Linear(3, 2, dtype=np.float32)
model.compile()                 mg.compile(model)
model.get_parameter("0.weight")  dict(model.named_parameters())["0.weight"]
model.get_submodule("0")        dict(model.named_modules())["0"]
model.load("model.npz")         model.load_state_dict(mg.load(path))
model.save("model.npz")         mg.save(path, model)
model.register_parameter("a", x)  model.a = mg.tensor(t, requires_grad=True)
"""
# Keywords that our functions have under another name, and what to say of those they lack.
KEYWORDS = {"dim": "axis", "dims": "axis", "keepdim": "keepdims", "unbiased": "ddof"}
# What ours may be called that others call so: the first that a function takes is said.
ARGUMENTS = {
    "batch_size": ("batch",), "criterion": ("loss",), "early_stopping": ("patience",),
    "learning_rate": ("lr",), "loss_fn": ("loss",), "max_iter": ("steps", "epochs"),
    "maxiter": ("steps",), "n_epochs": ("epochs",), "n_jobs": ("workers",),
    "num_epochs": ("epochs",), "num_workers": ("workers",), "random_state": ("seed",),
    "scheduler": ("schedule",), "sep": ("delimiter",), "target": ("label",),
    "tol": ("tolerance",), "validation_data": ("validation",),
    "validation_split": ("validation",), "verbose": ("progress",),
    "world_size": ("workers",)}
LACKING = {
    "lr": "the optimizer has it: optim.Adam(model.parameters(), lr=0.01)",
    "batch_size": "its place is after x and y: mg.data.batches(x, y, 32)",
    "shuffle": "leave it out, every epoch comes in another order",
    "drop_last": "leave it out, the last batch may be smaller",
    "num_workers": "leave it out, batches are cut in this process",
    "create_graph": "leave it out, mg.grad nests: mg.grad(mg.grad(f))(x)",
    "inplace": "leave it out, results are new arrays",
    **dict.fromkeys(
        ["schedule", "scheduler", "lr_scheduler"],
        "a schedule is the rate: lr=optim.schedules.cosine(0.1, steps=100), of optim.Adam"),
    "device": "leave it out, there is one device",
    "requires_grad": "leave it out, parameters have it",
    "set_to_none": "leave it out, gradients become None",
    "size_average": "write reduction='mean' or 'sum'"}


@functools.cache
def rows(table: str) -> dict[str, tuple[str, str]]:
    """{name: (PyTorch's program, ours)} of a table."""
    found = {}
    for line in filter(None, table.splitlines()):
        theirs, ours = re.split(" {2,}", line, maxsplit=1)
        found[re.findall(r"\w+", theirs)[1]] = theirs, ours
    return found
