// /config and /mode: for all, a context (`:.name:`) or a subject; the default context stands for all.
import { Hono } from 'hono';
import { invalidSubject, noSubjectConfig, noSubjectMode } from '../schemas/registry-error.ts';
import { configInScope, modeInScope, ownConfig, ownMode } from '../registry/scope.ts';
import { deleteConfig, deleteMode, modeNamed, setMode, updateConfig } from '../registry/settings.ts';
import { isValidSubject } from '../schemas/subjects.ts';
import { answer, configFields } from './answers.ts';
import { bodyOf, flag, settingPlaceOf } from './request.ts';
import type { RegistryService } from './service.ts';

const PLACES = ['/', '/:subject'] as const;

export function configRoutes(service: RegistryService): Hono {
  const { core } = service;
  const app = new Hono({ strict: false });
  for (const path of PLACES) {
    app.get(path, (context) => {
      const place = settingPlaceOf(context);
      const { state } = core.store;
      const config = flag(context, 'defaultToGlobal')
        ? configInScope(state, place, core.defaultLevel)
        : ownConfig(state, place, core.defaultLevel);
      if (config === undefined) throw noSubjectConfig(place ?? '');
      return answer(context, configFields(config, 'compatibilityLevel'));
    });
    app.put(path, async (context) => {
      const body = await bodyOf(context, service.mostBodyBytes);
      const place = settingPlaceOf(context);
      if (place !== null && !isValidSubject(place, true)) throw invalidSubject(place);
      const forwarded = await service.leadership.forwarded(context, body);
      return forwarded ?? answer(context, configFields(await updateConfig(core, place, body), 'compatibility'));
    });
    app.delete(path, async (context) => {
      const forwarded = await service.leadership.forwarded(context, undefined);
      const place = settingPlaceOf(context);
      return forwarded ?? answer(context, configFields(await deleteConfig(core, place), 'compatibilityLevel'));
    });
  }
  return app;
}

export function modeRoutes(service: RegistryService): Hono {
  const { core } = service;
  const app = new Hono({ strict: false });
  for (const path of PLACES) {
    app.get(path, (context) => {
      const place = settingPlaceOf(context);
      const { state } = core.store;
      const mode = flag(context, 'defaultToGlobal') ? modeInScope(state, place) : ownMode(state, place);
      if (mode === undefined) throw noSubjectMode(place);
      return answer(context, { mode });
    });
    app.put(path, async (context) => {
      const body = await bodyOf(context, service.mostBodyBytes);
      const place = settingPlaceOf(context);
      if (place !== null && !isValidSubject(place, true)) throw invalidSubject(place);
      const mode = modeNamed(body['mode'], place);
      const forwarded = await service.leadership.forwarded(context, body);
      if (forwarded !== undefined) return forwarded;
      await setMode(core, place, mode, flag(context, 'force'));
      return answer(context, { mode: body['mode'] });
    });
    app.delete(path, async (context) => {
      const forwarded = await service.leadership.forwarded(context, undefined);
      if (forwarded !== undefined) return forwarded;
      const mode = await deleteMode(core, settingPlaceOf(context), flag(context, 'recursive'));
      return answer(context, { ...(mode !== undefined && { mode }) });
    });
  }
  return app;
}
