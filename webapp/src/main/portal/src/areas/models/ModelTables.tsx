import { written } from '../live/cloud-event';
import { fieldOf, type Field } from '../twins/schema-form';
import { unitText, type ActionInfo, type PropertyInfo, type ThingModel } from '../twins/thing-model';

/** What a Thing Model says, for those who do not read JSON. */
export function ModelTables({ model }: { model: ThingModel }) {
  return (
    <>
      {model.description && <p className="ph-prose">{model.description}</p>}
      <h2 className="ph-card-title">Properties</h2>
      {model.properties.length === 0 ? (
        <p className="ph-dim">None</p>
      ) : (
        <div className="ph-sideways" tabIndex={0} role="group" aria-label="Properties">
          <table className="ph-facts-table">
            <thead>
              <tr>
                <th scope="col">Property</th>
                <th scope="col">Type</th>
                <th scope="col">Range</th>
                <th scope="col">Unit</th>
                <th scope="col">Access</th>
              </tr>
            </thead>
            <tbody>
              {model.properties.map((property) => (
                <tr key={property.name}>
                  <td>
                    <span className="ph-id">{property.name}</span>
                    {property.title && property.title !== property.name && (
                      <div className="ph-dim">{property.title}</div>
                    )}
                    {property.description && <div className="ph-dim ph-small">{property.description}</div>}
                  </td>
                  <td>{property.type ?? <span className="ph-none">any</span>}</td>
                  <td className="ph-num">{range(property)}</td>
                  <td>{unitText(property.unit) || <span className="ph-none">–</span>}</td>
                  <td>{property.readOnly ? 'reported' : 'reported, desired'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <h2 className="ph-card-title ph-gap-top">Actions</h2>
      {model.actions.length === 0 ? (
        <p className="ph-dim">None</p>
      ) : (
        <table className="ph-facts-table">
          <thead>
            <tr>
              <th scope="col">Action</th>
              <th scope="col">Input</th>
            </tr>
          </thead>
          <tbody>
            {model.actions.map((action) => (
              <tr key={action.name}>
                <td>
                  <span className="ph-id">{action.name}</span>
                  {action.title && <div className="ph-dim">{action.title}</div>}
                  {action.description && <div className="ph-dim ph-small">{action.description}</div>}
                </td>
                <td>
                  <Input action={action} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {model.events.length > 0 && (
        <>
          <h2 className="ph-card-title ph-gap-top">Events</h2>
          <ul className="ph-plain-list">
            {model.events.map((event) => (
              <li key={event.name}>
                <span className="ph-id">{event.name}</span>{' '}
                <span className="ph-dim">{event.title ?? event.description}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function range({ minimum, maximum, choices }: PropertyInfo) {
  if (choices) return choices.map(String).join(', ');
  if (minimum !== null && maximum !== null) return `${written(minimum)} to ${written(maximum)}`;
  if (minimum !== null) return `from ${written(minimum)}`;
  if (maximum !== null) return `to ${written(maximum)}`;
  return <span className="ph-none">–</span>;
}

function Input({ action }: { action: ActionInfo }) {
  if (action.input === null) return <span className="ph-dim">none</span>;
  const field = fieldOf(action.input);
  if (!field) return <span className="ph-dim">typed as JSON</span>;
  return (
    <ul className="ph-plain-list">
      {leaves(field).map((leaf) => (
        <li key={leaf.pointer}>
          <span className="ph-id">{leaf.pointer.slice(1) || 'input'}</span>{' '}
          <span className="ph-dim">
            {leaf.kind === 'choice' ? leaf.choices.map(String).join(', ') : leaf.kind}
            {leaf.unit ? `, ${unitText(leaf.unit)}` : ''}
            {leaf.required ? ', needed' : ''}
          </span>
        </li>
      ))}
    </ul>
  );
}

const leaves = (field: Field): Field[] => (field.kind === 'object' ? field.below.flatMap(leaves) : [field]);
