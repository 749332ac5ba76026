import { inFile } from '../mutation.ts'

const CREATE = 'test/rpc/order-methods.test.ts'
const CARTS = 'test/rpc/cart-methods.test.ts'
const TRANSPORT = 'test/rpc/transport.test.ts'
const METHODS = 'test/identity/methods.test.ts'

/** Lines that keep the door over gRPC to what HTTP would answer, and to whom. */
export const RPC_SAFEGUARDS = [
  ...inFile(
    'rpc/answered.ts',
    [METHODS, TRANSPORT],
    [
      {
        find: 'requireAccess(sender, access)',
        replace: 'void requireAccess',
        breaks: 'whoever is known may call every method, and call their own order paid',
      },
      {
        find: 'if (!access) throw new Error(',
        replace: 'if (false as boolean) throw new Error(',
        breaks: 'a method that is added to the contract is open to everybody',
      },
      {
        find: 'if (message === undefined)',
        replace: 'if (false as boolean)',
        breaks: 'an order goes to an address that nobody wrote, and a call that is no message ends as a defect',
      },
      {
        find: 'if (!isServed) throw',
        replace: 'if (false as boolean) throw',
        breaks: 'calls pile up until memory is full',
      },
      {
        find: 'if (isServed) inFlight.leave()',
        replace: 'void isServed',
        breaks: 'the places of calls that are answered never come back',
      },
    ],
  ),
  ...inFile(
    'rpc/order-updates.ts',
    [METHODS],
    [
      {
        find: "if (!MOVES_OF_OWNERS.includes(to)) requireAccess(caller, 'orders:any')",
        replace: '',
        breaks: 'a customer calls their own order paid',
      },
      {
        find: ' || !owns(caller, slip.userId)',
        replace: '',
        breaks: "a customer closes somebody else's order",
      },
    ],
  ),
  ...inFile(
    'rpc/order-service.ts',
    [METHODS],
    [
      {
        find: 'carts.list({ id: userMeant(caller, request.id) })',
        replace: 'carts.list(request, caller)',
        breaks: 'a customer reads the cart of somebody else',
      },
      {
        find: 'carts.add(ofUser(request, caller))',
        replace: 'carts.add(request, caller)',
        breaks: 'a customer puts goods into the cart of somebody else',
      },
      {
        find: 'carts.update(ofUser(request, caller))',
        replace: 'carts.update(request, caller)',
        breaks: 'a customer changes the cart of somebody else',
      },
      {
        find: 'carts.delete(ofUser(request, caller))',
        replace: 'carts.delete(request, caller)',
        breaks: 'a customer empties the cart of somebody else',
      },
      {
        find: 'creation.create(ofUser(request, call.caller), call)',
        replace: 'creation.create(request, call)',
        breaks: 'a customer orders in the name of somebody else',
      },
      {
        find: 'queries.list(ofUser(request, caller))',
        replace: 'queries.list(request, caller)',
        breaks: 'a customer reads the orders of everybody',
      },
      {
        find: 'queries.detail(ofUser(request, caller))',
        replace: 'queries.detail(request, caller)',
        breaks: 'a customer reads an order of somebody else, by its integer, which can be guessed',
      },
      {
        find: 'updates.delete(ofUser(request, caller))',
        replace: 'updates.delete(request, caller)',
        breaks: 'a customer closes an order of somebody else, by its integer, which can be guessed',
      },
    ],
  ),
  ...inFile(
    'rpc/order-service.ts',
    [TRANSPORT],
    [
      {
        find: 'service.setServing(admission.missing.length === 0 && !admission.overfull)',
        replace: 'service.setServing(true)',
        breaks: 'a balancer sends orders to a starter that takes none',
      },
    ],
  ),
  ...inFile(
    'rpc/cart-methods.ts',
    [CARTS],
    [
      {
        find: '(userId > 0 && userId !== found.userId)',
        replace: 'false',
        breaks: 'a row of somebody else is changed, or taken out, by its integer',
      },
      {
        find: 'if (nums > 0 && !isQuantity(nums)) throw',
        replace: 'if (false as boolean) throw',
        breaks: 'a cart has more pieces of one goods than an order may have: it can never be ordered',
      },
      {
        find: "throw new InvalidField('tooManyNums', 'nums', problem)",
        replace: 'return { id: 0, goodsId: 0, num: 0, checked: true }',
        breaks: 'pieces that were not added are answered as if they were',
      },
      {
        find: 'throw notInCart(where)\n    return {}\n  }\n\n  async delete',
        replace: 'void changed\n    return {}\n  }\n\n  async delete',
        breaks: 'a change of what is in no cart is answered as done',
      },
    ],
  ),
  ...inFile(
    'rpc/order-queries.ts',
    [CREATE],
    [
      {
        find: '(userId > 0 && userId !== slip.userId)',
        replace: 'false',
        breaks: 'an order of somebody else is shown, by its integer',
      },
      { find: '!slip || slip.isDeleted || ', replace: '!slip || ', breaks: 'an order that was deleted is shown' },
      {
        find: 'if (isUnsettled(slip)) throw orderNotReady(slip.orderSn)',
        replace: '',
        breaks: 'an order is shown as one that stands of which nobody knows whether it will',
      },
      { find: 'Math.min(pageSize, MAX_PAGE_SIZE)', replace: 'pageSize', breaks: 'one call reads all orders there are' },
      { find: "status.replaceAll('\\0', '')", replace: 'status', breaks: 'a NUL in a request is answered as a defect of ours' },
    ],
  ),
  ...inFile(
    'rpc/order-updates.ts',
    [CREATE],
    [
      {
        find: '(userId > 0 && userId !== slip.userId)',
        replace: 'false',
        breaks: 'an order of somebody else is closed, by its integer',
      },
      {
        find: '(slip.isDeleted && to',
        replace: '(false && to',
        breaks: 'an order that was deleted is moved',
      },
      {
        find: "(slip.isDeleted && to !== 'TRADE_SUCCESS')",
        replace: 'slip.isDeleted',
        breaks: 'money that arrives for an order that was deleted is recorded nowhere',
      },
      {
        find: 'if (isUnsettled(slip)) throw orderNotReady(slip.orderSn)',
        replace: '',
        breaks: 'an order that is being created is moved, or refused for ever',
      },
      {
        find: 'if (slip.status !== to) await this.#move(slip, to)',
        replace: 'await this.#move(slip, to)',
        breaks: 'a repeat of a change that was made is refused',
      },
      {
        find: "if (!total) throw moveNotAllowed(orderSn, status, 'TRADE_SUCCESS')",
        replace: '',
        breaks: 'a payment of an order that was refused is answered as a defect of ours',
      },
      { find: "name.orderSn.includes('\\0') || ", replace: '', breaks: 'a NUL in a request is answered as a defect of ours' },
      {
        find: 'paymentId: orderSn,',
        replace: 'paymentId: String(Math.random()),',
        breaks: 'a payment that is reported twice is recorded twice, and the second is refunded',
      },
    ],
  ),
  ...inFile(
    'rpc/create-method.ts',
    [CREATE],
    [
      {
        find: "if (answer?.kind !== 'created') throw pending(named)",
        replace: "if (answer?.kind !== 'created') throw failureOf(failure('InternalError', 'x'))",
        breaks: 'a caller is told that an order failed of which nobody knows whether it will stand',
      },
      {
        find: '() => late.abort()',
        replace: '() => {}',
        breaks: 'a caller has given up when it is answered, and does not know the number of its order',
      },
      {
        find: 'const key = readKey(keysIn(metadata), found)',
        replace: 'const key = readKey([], found)',
        breaks: 'an order that is repeated with its key is ordered twice',
      },
    ],
  ),
  ...inFile(
    'rpc/strict-requests.ts',
    [TRANSPORT],
    [
      {
        find: 'new BinaryReader(bytes, (text) => UTF_8.decode(text))',
        replace: 'new BinaryReader(bytes)',
        breaks: 'an order goes to an address that nobody wrote',
      },
    ],
  ),
  ...inFile(
    'rpc/refusal.ts',
    [CREATE, TRANSPORT],
    [
      {
        find: '.slice(0, GOODS_NAMED)',
        replace: '',
        breaks: 'a refusal that names many goods is larger than trailers may be, and is lost',
      },
    ],
  ),
]
