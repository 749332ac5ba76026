/** The one function of Node 22 that the SDK calls and Node 20 has not (ES2024). */
Object.defineProperty(Promise, 'withResolvers', {
  value: <T>() => {
    let resolve: (value: T | PromiseLike<T>) => void = () => {}
    let reject: (reason: unknown) => void = () => {}
    const promise = new Promise<T>((resolves, rejects) => {
      resolve = resolves
      reject = rejects
    })
    return { promise, resolve, reject }
  },
  writable: true,
  configurable: true,
})
