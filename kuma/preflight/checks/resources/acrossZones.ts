import { hasMtls } from "../../../resource/meshEncryption";
import { isGeneratedWithMesh } from "../../../api/resourceTypes";
import { Check } from "../../check";

/** Nothing of it can be made by this program: a zone's proxies and their tokens are with those who run them. */
export const acrossZones: Check = {
  code: "across-zones",
  title: "What calls between this zone and others need",
  async run(facts) {
    const { zoneName } = facts;
    const others = (await facts.zonesThen()).filter((name) => name !== zoneName);
    if (others.length === 0) return { verdict: "ok", sentence: "There is no other zone on the global." };
    const { kept } = await facts.exported();
    const { resources } = await facts.plan();
    const meshes = resources
      .filter(({ resource }) => resource.type === "Mesh")
      .map(({ resource }) => resource);
    const hasIngress = kept.some(({ type }) => type === "ZoneIngress");
    const gaveWay = resources.filter(
      ({ action, resource }) => action === "keepGlobal" && isGeneratedWithMesh(resource),
    );
    const named = (wanted: boolean) =>
      meshes.filter((mesh) => hasMtls(mesh) === wanted).map(({ name }) => name);
    const [withMtls, without] = [named(true), named(false)];
    return {
      verdict: "warning",
      sentence: `Zone ${zoneName} joins ${others.join(", ")}; calls between them need what people have to give.`,
      evidence: [
        ...(hasIngress
          ? []
          : [
              `a zone ingress in zone ${zoneName}, with a zone token of the global's (kumactl generate zone-token --zone ${zoneName} --scope ingress)`,
            ]),
        ...gaveWay.map(
          ({ resource }) => `new dataplane tokens in mesh ${resource.mesh}: its signing key is replaced`,
        ),
        ...(withMtls.length > 0
          ? [`a MeshTrafficPermission for clients of the other zone in mesh ${withMtls.join(", ")}`]
          : []),
        ...(without.length > 0
          ? [`mTLS in mesh ${without.join(", ")}: without it no call goes to another zone`]
          : []),
      ],
      remedy: "Calls within the zone go on as they are.",
    };
  },
};
