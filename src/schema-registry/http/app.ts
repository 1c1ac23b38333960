// The registry's calls over HTTP: paths, content types, errors. Confluent's SchemaRegistryRestApplication.
import { Hono } from 'hono';
import { RegistryError } from '../schemas/registry-error.ts';
import { deleteContext } from '../registry/deletion.ts';
import { DEFAULT_CONTEXT, normalSubject } from '../schemas/subjects.ts';
import type { Logger } from '../../runtime/index.ts';
import { answer, checkContentType, contentTypeFor } from './answers.ts';
import type { Authentication } from './authentication.ts';
import { compatibilityRoutes } from './compatibility-routes.ts';
import { withoutContextPath } from './context-path.ts';
import { paged, pageOf } from './request.ts';
import { schemaRoutes } from './schema-routes.ts';
import type { RegistryService } from './service.ts';
import { configRoutes, modeRoutes } from './setting-routes.ts';
import { subjectRoutes } from './subject-routes.ts';

export type RegistryApp = (request: Request) => Promise<Response>;

export function registryApp(service: RegistryService, authentication: Authentication, logger: Logger): RegistryApp {
  const app = new Hono({ strict: false });
  app.onError((error, context) => {
    if (error instanceof RegistryError)
      return answer(context, { error_code: error.code, message: error.message }, error.status);
    logger.log('error', 'A request of the registry has failed', { path: context.req.path, error: String(error.stack) });
    return answer(context, { error_code: 500, message: 'Internal Server Error' }, 500);
  });
  app.notFound((context) => answer(context, { error_code: 404, message: 'HTTP 404 Not Found' }, 404));
  app.use(async (context, next) => {
    const refused = await authentication.refusal(context);
    if (refused !== undefined) return refused;
    contentTypeFor(context.req.header('accept'));
    if (context.req.method === 'POST' || context.req.method === 'PUT')
      checkContentType(context.req.header('content-type'));
    return next();
  });
  app.get('/', (context) => answer(context, {}));
  app.post('/', (context) => answer(context, {}));
  app.route('/subjects', subjectRoutes(service));
  app.route('/schemas', schemaRoutes(service));
  app.route('/config', configRoutes(service));
  app.route('/mode', modeRoutes(service));
  app.route('/compatibility', compatibilityRoutes(service));
  app.route('/contexts', contextRoutes(service));
  app.route('/v1/metadata', metadataRoutes(service));
  app.get('/status/ready', (context) => answer(context, {}));
  return async (request) => {
    const plain = withoutContextPath(request);
    return plain instanceof Request ? app.fetch(plain) : plain;
  };
}

function contextRoutes(service: RegistryService): Hono {
  const { core } = service;
  const app = new Hono({ strict: false });
  app.get('/', (context) => {
    const prefix = context.req.query('contextPrefix') ?? '';
    const all = [DEFAULT_CONTEXT, ...core.store.state.namedContexts()].filter((name) => name.startsWith(prefix));
    return answer(context, paged(all, pageOf(context)));
  });
  app.delete('/:context', async (context) => {
    const forwarded = await service.leadership.forwarded(context, undefined);
    if (forwarded !== undefined) return forwarded;
    await deleteContext(core, normalSubject(context.req.param('context')));
    return new Response(null, { status: 204 });
  });
  return app;
}

function metadataRoutes(service: RegistryService): Hono {
  const { cluster, version } = service;
  const app = new Hono({ strict: false });
  app.get('/id', async (context) => {
    const clusters = { 'kafka-cluster': await cluster.kafka(), 'schema-registry-cluster': cluster.group };
    return answer(context, { scope: { path: [], clusters }, id: '' });
  });
  app.get('/version', (context) => answer(context, { version, commitId: '' }));
  return app;
}
