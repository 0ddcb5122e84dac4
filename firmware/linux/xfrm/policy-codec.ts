/** Security policies as XFRM messages. Pure bytes. Source: linux/xfrm.h, net/xfrm/xfrm_user.c. */
import type { SecurityPolicy } from "#dataplane/desired.ts";
import type { Prefix } from "#lib/ip.ts";
import {
  decodeAttributes,
  flag,
  type NetlinkRequest,
  type NetlinkWriter,
  numberAttribute,
  structView,
} from "../netlink/codec.ts";
import {
  familyOf,
  readSelector,
  writeAddress,
  writeLifetime,
  writeSaId,
  writeSelector,
} from "./structs.ts";
import { attribute, direction, message, mode, offloadFlag, size } from "./uapi.ts";

/** A policy as the kernel shows it: what names it, and the SA it asks for. */
export interface PolicyStatus {
  readonly direction: SecurityPolicy["direction"];
  readonly source: Prefix;
  readonly destination: Prefix;
  readonly priority: number;
  readonly ifId: number;
  readonly template?: { readonly requestId: number; readonly spi: number };
}

type PolicyName = Pick<SecurityPolicy, "direction" | "source" | "destination" | "ifId">;

/**
 * Adds a policy or replaces, in one step, the one with the same selector, direction and interface id.
 * @param offloadInterface index of the device that does the whole packet for the SAs of this policy.
 */
export function setPolicy(policy: SecurityPolicy, offloadInterface?: number): NetlinkRequest {
  return {
    type: message.updatePolicy,
    flags: 0,
    body: (writer) => {
      writePolicyInfo(writer, policy);
      writer.attribute(attribute.template, (value) => writeTemplate(value, policy));
      if (offloadInterface !== undefined)
        writer.attribute(attribute.offloadDevice, (value) =>
          value.u32(offloadInterface).u8(offloadFlag.packet).zeros(3),
        );
      writer.attribute(attribute.ifId, (value) => value.u32(policy.ifId));
    },
  };
}

/** Deletes a policy; ENOENT when there is none. struct xfrm_userpolicy_id */
export function deletePolicy(policy: PolicyName): NetlinkRequest {
  return {
    type: message.deletePolicy,
    flags: 0,
    body: (writer) => {
      writeSelector(writer, policy.source, policy.destination);
      writer.u32(0).u8(direction[policy.direction]).zeros(3);
      writer.attribute(attribute.ifId, (value) => value.u32(policy.ifId));
    },
  };
}

/** Asks for all policies of the namespace. */
export function dumpPolicies(): NetlinkRequest {
  return { type: message.getPolicy, flags: flag.dump, body: () => {} };
}

/** struct xfrm_userpolicy_info: allow, for ever. */
function writePolicyInfo(writer: NetlinkWriter, policy: SecurityPolicy): void {
  writeSelector(writer, policy.source, policy.destination);
  writeLifetime(writer, {});
  writer.zeros(32).u32(policy.priority).u32(0);
  writer.u8(direction[policy.direction]).zeros(7);
}

/** struct xfrm_user_tmpl: one ESP transformation, any algorithm, not optional. */
function writeTemplate(writer: NetlinkWriter, { template }: SecurityPolicy): void {
  writeSaId(writer, template.destination, template.spi);
  writer.u16(familyOf(template.destination)).zeros(2);
  writeAddress(writer, template.source);
  writer.u32(template.requestId);
  writer.u8(template.mode === "tunnel" ? mode.tunnel : mode.transport).zeros(3);
  writer.u32(0xffff_ffff).u32(0xffff_ffff).u32(0xffff_ffff);
}

/** Reads NEWPOLICY of a dump; undefined for directions that are not packets', such as a socket's. */
export function decodePolicy(payload: Uint8Array): PolicyStatus | undefined {
  if (payload.length < size.policyInfo) return undefined;
  const view = structView(payload);
  const name = directionName(view.getUint8(160));
  const family = view.getUint16(40, true);
  if (!name || family === 0) return undefined;
  const attributes = decodeAttributes(payload, size.policyInfo);
  const template = attributes.get(attribute.template);
  return {
    direction: name,
    ...readSelector(payload, 0),
    priority: view.getUint32(152, true),
    ifId: numberAttribute(attributes, attribute.ifId) ?? 0,
    ...(template &&
      template.length >= size.template && {
        template: {
          requestId: structView(template).getUint32(44, true),
          spi: structView(template).getUint32(16),
        },
      }),
  };
}

function directionName(value: number): SecurityPolicy["direction"] | undefined {
  if (value === direction.in) return "in";
  if (value === direction.out) return "out";
  return value === direction.forward ? "forward" : undefined;
}
