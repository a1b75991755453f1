-- The secret of a window: that of whoever asks first.
--! grows
--! keys secret
--! args keepMs fresh
call('SET', secret, fresh, 'NX', 'PX', keepMs)
return call('GET', secret)
