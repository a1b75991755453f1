-- Makes an id name a queue; answers who has it already, '' for nobody.
--! grows
--! keys reference
--! args recipientId
local taken = call('GET', reference)
if not taken then call('SET', reference, recipientId) end
return taken or ''
