// The operations of the controller about who may do what, and how much of it.
import type { Random } from '../../../runtime/index.ts';
import type { ControllerOperations } from '../controller-operations.ts';
import type { OperationRunner } from '../operation-runner.ts';
import { createAcls, deleteAcls } from './acl-control.ts';
import { alterClientQuotas } from './quota-control.ts';

export type AccessOperations = Pick<ControllerOperations, 'createAcls' | 'deleteAcls' | 'alterClientQuotas'>;

export function accessOperations(runner: OperationRunner, random: Random): AccessOperations {
  return {
    createAcls: (request) => runner.run(({ image }) => createAcls(image, request, random)),
    deleteAcls: (request) => runner.run(({ image }) => deleteAcls(image, request)),
    alterClientQuotas: (request) => runner.run(({ image }) => alterClientQuotas(image, request)),
  };
}
